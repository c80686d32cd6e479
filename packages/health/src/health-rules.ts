/**
 * The health score as a Prometheus rule file.
 *
 * score = clamp(min(Σ weight × component / Σ weight present, caps) − penalties, 0, 100)
 *
 * Everything a score is made of stands in one group, so that it is evaluated in order, at one instant: a score follows
 * the data within one evaluation, its alert with it, and its parts add up.
 */
import { formatDuration } from '@watchroom/model';
import { ALERT_RULES } from './alert-rules.ts';
import { RESOURCE_RULES } from './resource-rules.ts';
import {
  COMPONENT_RULES,
  INDICATOR_RULES,
  PENALTY_RULES,
  REQUESTS_RULE,
  SCORE_RULES,
  weightRule,
} from './score-rules.ts';
import { ensureHealthSettings, type HealthRulesOptions } from './settings.ts';
import { defaultObjectiveRules, objectiveRules } from './slo-rules.ts';
import { rulesYaml } from './yaml-text.ts';

export const HEALTH_GROUP = 'watchroom-health';
export const RESOURCE_GROUP = 'watchroom-resources';

const DEFAULT_INTERVAL_MS = 15_000;

/** The rule file's text. Throws HealthSettingsError. */
export function healthRules(options: HealthRulesOptions = {}): string {
  ensureHealthSettings(options);
  const { objectives = [], weights = {}, intervalMs = DEFAULT_INTERVAL_MS } = options;
  const interval = formatDuration(intervalMs);
  const rules = [
    REQUESTS_RULE,
    ...objectives.flatMap(objectiveRules),
    ...defaultObjectiveRules(objectives.map((objective) => objective.service)),
    ...INDICATOR_RULES,
    weightRule(weights),
    ...COMPONENT_RULES,
    ...PENALTY_RULES,
    ...SCORE_RULES,
    ...ALERT_RULES,
  ];
  return rulesYaml(
    [
      { name: HEALTH_GROUP, interval, rules },
      { name: RESOURCE_GROUP, interval, rules: RESOURCE_RULES },
    ],
    'The health score. Written by watchroom from its settings; to change it, copy it and name the copy as rules_file.',
  );
}
