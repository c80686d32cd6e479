/** Finds rules that write the same series: one name and the same labels, those of their groups not counted. */
import { compareBytes } from '@watchroom/model';
import type { RuleGroupSpec, RuleSpec } from './rule-spec.ts';

/** Each rule that is there more than once, one time; by name, then labels. */
export function duplicateRules(groups: readonly RuleGroupSpec[]): RuleSpec[] {
  const rules = groups.flatMap((group) => group.rules).sort(compare);
  return rules.filter(
    (rule, i) =>
      i > 0 && compare(rules[i - 1]!, rule) === 0 && (i === 1 || compare(rules[i - 2]!, rule) !== 0),
  );
}

function compare(a: RuleSpec, b: RuleSpec): number {
  return compareBytes(a.name, b.name) || a.ownLabels.compare(b.ownLabels);
}
