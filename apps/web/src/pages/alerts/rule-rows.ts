/** Rules as rows, by what is wrong with them. */
import type { Rule, RuleGroup } from '../../api/index.ts';
import type { State } from '../../design/state.ts';
import { labelTexts, matchesText } from './alert-groups.ts';

export const RULE_FILTERS = ['all', 'firing', 'pending', 'failing', 'alerting', 'recording'] as const;
export type RuleFilter = (typeof RULE_FILTERS)[number];

export const isRuleFilter = (text: string): text is RuleFilter => RULE_FILTERS.some((each) => each === text);

function inState(rule: Rule, state: RuleFilter): boolean {
  switch (state) {
    case 'all':
      return true;
    case 'failing':
      return rule.health === 'err';
    case 'alerting':
    case 'recording':
      return rule.type === state;
    case 'firing':
    case 'pending':
      return rule.type === 'alerting' && rule.state === state;
  }
}

/** Groups with the rules that match; groups without any are left out. */
export function filterRules(
  groups: readonly RuleGroup[],
  { text, state }: { readonly text: string; readonly state: RuleFilter },
): readonly RuleGroup[] {
  return groups
    .map((group) => ({
      ...group,
      rules: group.rules.filter(
        (rule) =>
          inState(rule, state) &&
          matchesText(text, [
            rule.name,
            rule.query,
            group.name,
            rule.lastError ?? '',
            ...labelTexts(rule.labels),
          ]),
      ),
    }))
    .filter(({ rules }) => rules.length > 0);
}

/** A failing rule is critical, whatever it last found; one that was never evaluated is unknown. */
export function ruleState(rule: Rule): State {
  if (rule.health === 'err') return 'critical';
  if (rule.health !== 'ok') return 'unknown';
  if (rule.type === 'recording' || rule.state === 'inactive') return 'healthy';
  return rule.labels['severity'] === 'critical' && rule.state === 'firing' ? 'critical' : 'warning';
}

/** Rules of the same name in a group differ by their labels. */
export function ruleKey(rule: Rule): string {
  return [rule.name, ...labelTexts(rule.labels).sort(), rule.query].join('\n');
}
