/** The alert cases of a test: which alerts fire at a time, with which labels and annotations. */
import { formatDuration } from '@watchroom/model';
import { AlertingRule } from '../alerting-rule.ts';
import type { RuleGroup } from '../group.ts';
import { alertsDiff } from './json-diff.ts';
import { alertsText, compareAlerts, indent, pairsOf, type ShownAlert } from './report.ts';
import type { AlertCase, RuleTest } from './test-file.ts';

const INDENT = ' '.repeat(12);

export class AlertCases {
  readonly #testName: string;
  readonly #diff: boolean;
  /** By time; those of one time in the order of the file. */
  readonly #cases: readonly AlertCase[];

  constructor(test: RuleTest, diff: boolean) {
    this.#testName = test.name;
    this.#diff = diff;
    this.#cases = test.alertCases.toSorted((a, b) => a.evalTimeMs - b.evalTimeMs);
  }

  /** Compares the cases from `fromMs` up to but without `toMs` with the alerts of now; what differs, as texts. */
  check(groups: readonly RuleGroup[], fromMs: number, toMs: number): string[] {
    return this.#cases
      .filter(({ evalTimeMs }) => evalTimeMs >= fromMs && evalTimeMs < toMs)
      .flatMap((one) => this.#compare(one, firing(groups, one.alertname)));
  }

  #compare(one: AlertCase, found: readonly ShownAlert[]): string[] {
    const expected = one.expected.toSorted(compareAlerts);
    const equal =
      expected.length === found.length && expected.every((alert, i) => compareAlerts(alert, found[i]!) === 0);
    if (equal) return [];
    const name = this.#testName === '' ? '' : `    name: ${this.#testName},\n`;
    const head = `${name}    alertname: ${one.alertname}, time: ${formatDuration(one.evalTimeMs)}, `;
    if (this.#diff) return [`${head}\n        diff: ${indent(alertsDiff(expected, found), INDENT)}`];
    const [want, got] = [indent(alertsText(expected), INDENT), indent(alertsText(found), INDENT)];
    return [`${head}\n        exp:${want}, \n        got:${got}`];
  }
}

/** Of all groups, as a name may stand in several. */
function firing(groups: readonly RuleGroup[], name: string): ShownAlert[] {
  return groups
    .flatMap((group) => group.rules)
    .filter((rule) => rule instanceof AlertingRule && rule.spec.name === name)
    .flatMap((rule) => (rule as AlertingRule).alerts())
    .filter(({ state }) => state === 'firing')
    .map(({ labels, annotations }) => ({ labels: pairsOf(labels), annotations: pairsOf(annotations) }))
    .sort(compareAlerts);
}
