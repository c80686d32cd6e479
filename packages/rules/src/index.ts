/** Recording and alerting rules: rule files, evaluation on a schedule, alert states, templates. */
export { AlertTemplate, type AlertTemplateData } from './alert-template.ts';
export type { AlertSurroundings } from './alerting-rule.ts';
export { duplicateRules } from './duplicate-rules.ts';
export { engineQuery } from './engine-query.ts';
export { evaluationOffset, evaluationTime } from './evaluation-time.ts';
export { type GroupOptions, RuleGroup } from './group.ts';
export { type AlertUpdate, RuleManager, type RuleManagerOptions } from './manager.ts';
export { type RulesObserver, silentObserver } from './observer.ts';
export { type ParsedRuleFile, parseRuleFile, type RuleFileOptions } from './parse-rule-file.ts';
export type { RuleHealth, RuleQuery } from './rule.ts';
export type {
  AlertingRuleSpec,
  RecordingRuleSpec,
  RuleGroupSpec,
  RuleProblem,
  RuleSpec,
} from './rule-spec.ts';
export type { AlertingStatus, RuleGroupStatus, RuleStatus } from './status.ts';
export { TemplateExecError } from './template/exec.ts';
export { type ExpandContext, Template } from './template/expander.ts';
export { TemplateParseError } from './template/parser.ts';
