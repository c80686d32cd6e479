/**
 * Signals, components, penalties, caps and the score. The names and formulas are the interface: the wall, the service
 * page, the explanation and people's own dashboards read them.
 */
import { DEFAULT_WEIGHTS, HEALTH_COMPONENTS, type HealthComponent } from './settings.ts';
import type { RuleText } from './yaml-text.ts';

const COMPONENT = 'watchroom:health:component';
const WEIGHT = 'watchroom:health:weight';
const PENALTY = 'watchroom:health:penalty';

const quantile = (share: number): string =>
  `histogram_quantile(${share}, sum by (service, le) (rate(http_request_duration_seconds_bucket[2m])))`;

/** Comes first: it also says cheaply which services there are. */
export const REQUESTS_RULE: RuleText = {
  record: 'svc:requests:rate2m',
  expr: 'sum by (service) (rate(http_requests_total[2m]))',
};

/** What the components are made of, apart from it. */
export const INDICATOR_RULES: readonly RuleText[] = [
  {
    record: 'svc:errors:ratio2m',
    comment: '2003 is a business failure, answered with status 503',
    expr: [
      '(sum by (service) (rate(http_requests_total{code=~"5..|2003"}[2m])) or svc:requests:rate2m * 0)',
      '/ (svc:requests:rate2m > 0)',
    ].join('\n'),
  },
  {
    record: 'svc:burn2m',
    comment: 'how many times faster than allowed the error budget is spent, at least 1',
    expr: 'clamp_min(svc:errors:ratio2m / on (service) (1 - watchroom:slo:target), 1)',
  },
  { record: 'svc:latency:p50_2m', expr: quantile(0.5) },
  { record: 'svc:latency:p90_2m', expr: quantile(0.9) },
  { record: 'svc:latency:p99_2m', expr: quantile(0.99) },
  { record: 'svc:up:ratio', expr: 'avg by (service) (up{service!=""})' },
  { record: 'svc:saturation:max', expr: 'max by (service) (svc_saturation_ratio)' },
];

/** The weights as a series per component. */
export function weightRule(weights: Readonly<Partial<Record<HealthComponent, number>>>): RuleText {
  const one = (component: HealthComponent): string =>
    `label_replace(vector(${weights[component] ?? DEFAULT_WEIGHTS[component]}), "component", "${component}", "", "")`;
  return { record: WEIGHT, expr: HEALTH_COMPONENTS.map(one).join('\nor ') };
}

/** 0–100 each; a component without data has no series. */
export const COMPONENT_RULES: readonly RuleText[] = [
  {
    record: COMPONENT,
    labels: { component: 'availability' },
    comment: '100 up to burn 1, 40 at 14.4 (the fast-burn page), 0 at 1000; log-linear between',
    expr: [
      '(100 - 60 * ln(svc:burn2m) / 2.6672 and svc:burn2m <= 14.4)',
      'or clamp_min(40 * (1 - ln(svc:burn2m / 14.4) / 4.2405), 0)',
    ].join('\n'),
  },
  {
    record: COMPONENT,
    labels: { component: 'latency' },
    comment: '100 from Apdex 0.94 (excellent), 40 at 0.70 (the border of poor), 0 at 0',
    expr: [
      '(clamp_max(40 + 60 * (svc:apdex2m - 0.7) / 0.24, 100) and svc:apdex2m >= 0.7)',
      'or 40 * svc:apdex2m / 0.7',
    ].join('\n'),
  },
  {
    record: COMPONENT,
    labels: { component: 'tail' },
    comment: '50 points for every doubling of P99 over its target',
    expr: [
      'clamp(100 - 50 * log2(clamp_min((svc:latency:p99_2m > 0)',
      '  / on (service) watchroom:slo:p99_target_seconds, 1)), 0, 100)',
    ].join('\n'),
  },
  {
    record: COMPONENT,
    labels: { component: 'saturation' },
    comment: '100 up to 70 %, 40 at 95 %, 0 at 100 %',
    expr: [
      '(clamp_max(100 - 60 * (svc:saturation:max - 0.7) / 0.25, 100) and svc:saturation:max <= 0.95)',
      'or clamp_min(40 * (1 - svc:saturation:max) / 0.05, 0)',
    ].join('\n'),
  },
  { record: COMPONENT, labels: { component: 'instances' }, expr: '100 * svc:up:ratio' },
];

/** Points taken off, by who reports them. */
export const PENALTY_RULES: readonly RuleText[] = [
  {
    record: PENALTY,
    labels: { penalty: 'security' },
    expr: 'clamp(0.2 * max by (service) (watchroom_threat_index), 0, 20)',
  },
  {
    record: PENALTY,
    labels: { penalty: 'anomaly' },
    expr: 'clamp(10 * max by (service) (watchroom_anomaly_score), 0, 10)',
  },
  {
    record: PENALTY,
    labels: { penalty: 'probes' },
    expr: 'clamp(5 * sum by (service) (watchroom_probe_failing), 0, 15)',
  },
];

const PRESENT = `sum by (service) (${COMPONENT} * 0 + on (component) group_left () ${WEIGHT})`;

/** How far above its own value each key indicator lets the score be. */
export const CAP_ALLOWANCE: Readonly<Partial<Record<string, number>>> = {
  availability: 20,
  latency: 20,
  instances: 10,
  saturation: 50,
};

export const SCORE_RULES: readonly RuleText[] = [
  {
    record: 'watchroom:health:coverage',
    comment: 'the share of the weights that has data',
    expr: `${PRESENT}\n/ on () group_left () sum(${WEIGHT})`,
  },
  {
    record: 'watchroom:health:mean',
    expr: `sum by (service) (${COMPONENT} * on (component) group_left () ${WEIGHT})\n/ ${PRESENT}`,
  },
  {
    record: 'watchroom:health:cap',
    comment: 'the worst key indicator bounds the score',
    expr: [
      'min by (service) (',
      Object.entries(CAP_ALLOWANCE)
        .map(([component, points]) => `  (${points} + ${COMPONENT}{component="${component}"})`)
        .join('\n  or'),
      ')',
    ].join('\n'),
  },
  {
    record: 'watchroom:health:score',
    comment: 'no score below a coverage of one half; all targets down is 0',
    expr: [
      '(',
      '  clamp(((watchroom:health:mean <= watchroom:health:cap) or watchroom:health:cap or watchroom:health:mean)',
      `        - (sum by (service) (${PENALTY}) or watchroom:health:mean * 0), 0, 100)`,
      '  and on (service) watchroom:health:coverage >= 0.5',
      ')',
      'or on (service) (svc:up:ratio == 0) * 0',
    ].join('\n'),
  },
];
