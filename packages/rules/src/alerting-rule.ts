/**
 * An alerting rule and its alerts: pending while `for` runs, firing, held by `keep_firing_for`, then resolved and listed for
 * a while. Source: Prometheus 3 rules/alerting.go.
 */
import { type Alert, type AlertState, Labels, METRIC_NAME } from '@watchroom/model';
import { histogramText } from '@watchroom/promql';
import { AlertChanges } from './alert-changes.ts';
import { AlertTemplate, type AlertTemplateData } from './alert-template.ts';
import { annotationSet } from './annotation-set.ts';
import {
  type EvaluationContext,
  evaluateRule,
  evaluateVector,
  newRuleState,
  type RuleSample,
} from './rule.ts';
import type { AlertingRuleSpec } from './rule-spec.ts';
import type { ExpandContext } from './template/expander.ts';

export const ALERTS = 'ALERTS';
export const ALERTS_FOR_STATE = 'ALERTS_FOR_STATE';
const ALERT_NAME = 'alertname';
const ALERT_STATE = 'alertstate';

/** How long a resolved alert stays listed. */
const RESOLVED_RETENTION_MS = 15 * 60_000;

/** What templates see besides the sample. */
export interface AlertSurroundings {
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
}

interface LiveAlert {
  readonly labels: Labels;
  annotations: Labels;
  state: AlertState;
  value: number;
  activeAtMs: number;
  firedAtMs: number | undefined;
  resolvedAtMs: number | undefined;
  keepFiringSinceMs: number | undefined;
}

export class AlertingRule {
  readonly spec: AlertingRuleSpec;
  readonly state = newRuleState();
  /** False until the state before a restart has been looked up; ALERTS series are written from then on. */
  restored: boolean;
  readonly #surroundings: AlertSurroundings;
  readonly #labels: readonly (readonly [string, AlertTemplate])[];
  readonly #annotations: readonly (readonly [string, AlertTemplate])[];
  #active = new Map<string, LiveAlert>();
  #changes = new AlertChanges();

  constructor(spec: AlertingRuleSpec, surroundings: AlertSurroundings, restored: boolean) {
    this.spec = spec;
    this.restored = restored;
    this.#surroundings = surroundings;
    this.#labels = compile(spec.name, spec.labels);
    this.#annotations = compile(spec.name, spec.annotations);
  }

  /** All alerts, resolved ones that are still listed included; copies. */
  alerts(): Alert[] {
    return [...this.#active.values()].map((alert) => ({ ...alert }));
  }

  /** The strongest state of its alerts. */
  get alertState(): AlertState {
    const states = new Set([...this.#active.values()].map((alert) => alert.state));
    return states.has('firing') ? 'firing' : states.has('pending') ? 'pending' : 'inactive';
  }

  /** Takes over the alerts of the same rule before a reload. */
  adopt(other: AlertingRule): void {
    this.#active = other.#active;
    this.#changes = other.#changes;
  }

  /** The alerts that changed since the last call. */
  changes(timeMs: number): Alert[] {
    return this.#changes.next(this.alerts(), timeMs);
  }

  /** Forgets all alerts, for a rule that is gone; gives those that ended with it. */
  end(timeMs: number): Alert[] {
    this.#active = new Map();
    return this.changes(timeMs);
  }

  /** Sets when pending and firing alerts began, as known from before a restart; undefined leaves an alert as it is. */
  restore(activeAtMs: (alert: Alert) => number | undefined): void {
    for (const alert of this.#active.values()) alert.activeAtMs = activeAtMs(alert) ?? alert.activeAtMs;
  }

  /** Moves the alerts on; the samples are ALERTS and ALERTS_FOR_STATE. Throws when the query fails or gives doubles. */
  async evaluate(context: EvaluationContext): Promise<readonly RuleSample[]> {
    const found = await this.#find(context);
    for (const [key, alert] of found) {
      const known = this.#active.get(key);
      if (known && known.state !== 'inactive') {
        known.value = alert.value;
        known.annotations = alert.annotations;
      } else this.#active.set(key, alert);
    }
    const samples: RuleSample[] = [];
    let count = 0;
    for (const [key, alert] of this.#active) {
      if (!this.#advance(key, alert, found.has(key), context.timeMs)) continue;
      count++;
      if (this.restored) samples.push(...alertSamples(alert));
    }
    if (context.limit > 0 && count > context.limit) {
      this.#active.clear();
      throw new Error(`exceeded limit of ${context.limit} with ${count} alerts`);
    }
    return samples;
  }

  /** The alerts that the expression gives now, by the key of their labels. */
  async #find(context: EvaluationContext): Promise<Map<string, LiveAlert>> {
    const { timeMs, query, signal } = context;
    const vector = await evaluateRule(this.spec.expr, context);
    const expansion: ExpandContext = {
      timeMs,
      externalUrl: this.#surroundings.externalUrl,
      query: async (promql, atMs) => (await evaluateVector(promql, atMs, query, signal)).map(templateSample),
    };
    const found = new Map<string, LiveAlert>();
    for (const sample of vector) {
      const alert = await this.#create(sample, expansion);
      if (found.has(alert.labels.key))
        throw new Error('vector contains metrics with the same labelset after applying alert labels');
      found.set(alert.labels.key, alert);
    }
    return found;
  }

  async #create(sample: RuleSample, expansion: ExpandContext): Promise<LiveAlert> {
    const data: AlertTemplateData = {
      ...this.#surroundings,
      labels: sample.labels.toObject(),
      value: sample.histogram ? histogramText(sample.histogram) : sample.value,
    };
    const own = await expandAll(this.#labels, data, expansion);
    const annotations = await expandAll(this.#annotations, data, expansion);
    return {
      labels: Labels.fromPairs([
        ...sample.labels.pairs(),
        ...own,
        [METRIC_NAME, ''],
        [ALERT_NAME, this.spec.name],
      ]),
      annotations: annotationSet(annotations),
      state: 'pending',
      value: sample.histogram ? 0 : sample.value,
      activeAtMs: expansion.timeMs,
      firedAtMs: undefined,
      resolvedAtMs: undefined,
      keepFiringSinceMs: undefined,
    };
  }

  /** One alert's next state; whether it is pending or firing afterwards. */
  #advance(key: string, alert: LiveAlert, holds: boolean, timeMs: number): boolean {
    if (holds) alert.keepFiringSinceMs = undefined;
    else if (!this.#keepsFiring(alert, timeMs)) {
      const outdated =
        alert.resolvedAtMs !== undefined && timeMs - alert.resolvedAtMs > RESOLVED_RETENTION_MS;
      if (alert.state === 'pending' || outdated) this.#active.delete(key);
      if (alert.state !== 'inactive') {
        alert.state = 'inactive';
        alert.resolvedAtMs = timeMs;
      }
      return false;
    }
    if (alert.state === 'pending' && timeMs - alert.activeAtMs >= this.spec.forMs) {
      alert.state = 'firing';
      alert.firedAtMs = timeMs;
    }
    return true;
  }

  #keepsFiring(alert: LiveAlert, timeMs: number): boolean {
    if (alert.state !== 'firing' || this.spec.keepFiringForMs === 0) return false;
    alert.keepFiringSinceMs ??= timeMs;
    return timeMs - alert.keepFiringSinceMs < this.spec.keepFiringForMs;
  }
}

function compile(alert: string, labels: Labels): (readonly [string, AlertTemplate])[] {
  return Array.from(labels.pairs(), ([name, text]) => [name, new AlertTemplate(alert, text)] as const);
}

async function expandAll(
  templates: readonly (readonly [string, AlertTemplate])[],
  data: AlertTemplateData,
  context: ExpandContext,
): Promise<[string, string][]> {
  const pairs: [string, string][] = [];
  for (const [name, template] of templates) pairs.push([name, await template.expand(data, context)]);
  return pairs;
}

function templateSample({ labels, value }: RuleSample): { labels: Record<string, string>; value: number } {
  return { labels: labels.toObject(), value };
}

/** ALERTS is 1 while an alert is pending or firing; ALERTS_FOR_STATE is when it began, in whole seconds. */
function alertSamples(alert: LiveAlert): RuleSample[] {
  return [
    { labels: alert.labels.with(METRIC_NAME, ALERTS).with(ALERT_STATE, alert.state), value: 1 },
    { labels: alert.labels.with(METRIC_NAME, ALERTS_FOR_STATE), value: Math.floor(alert.activeAtMs / 1000) },
  ];
}
