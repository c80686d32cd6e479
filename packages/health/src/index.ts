/** The health score: its rules, and why a score is what it is. */
export { type ExplainOptions, explainHealth, type HealthSample } from './explain-health.ts';
export { HEALTH_GROUP, healthRules, RESOURCE_GROUP } from './health-rules.ts';
export {
  DEFAULT_OBJECTIVE,
  DEFAULT_WEIGHTS,
  ensureHealthSettings,
  HEALTH_COMPONENTS,
  type HealthComponent,
  type HealthObjective,
  type HealthRulesOptions,
  HealthSettingsError,
} from './settings.ts';
