/**
 * The rules that carry the objectives: Apdex, the availability target, the P99 target. Bucket bounds stand in the selector
 * as texts, so there is a block per objective, and one for all services without one.
 * A whole bound is written `2` or `2.0` depending on the exposition format; both are selected.
 */
import { DEFAULT_OBJECTIVE, type HealthObjective } from './settings.ts';
import type { RuleText } from './yaml-text.ts';

const REQUESTS = 'http_request_duration_seconds';

/** Rules of one service's objective. */
export function objectiveRules(objective: HealthObjective): RuleText[] {
  const { service } = objective;
  const selector = `service=${JSON.stringify(service)}`;
  const latencySeconds = objective.latencySeconds ?? DEFAULT_OBJECTIVE.latencySeconds;
  const labels = { service };
  return [
    { record: 'svc:apdex2m', labels, expr: apdex('sum', selector, latencySeconds) },
    {
      record: 'watchroom:slo:target',
      labels,
      expr: `vector(${objective.availability ?? DEFAULT_OBJECTIVE.availability})`,
    },
    {
      record: 'watchroom:slo:p99_target_seconds',
      labels,
      expr: `vector(${objective.p99Seconds ?? DEFAULT_OBJECTIVE.p99Seconds})`,
    },
  ];
}

/** Rules of all services but the given ones. */
export function defaultObjectiveRules(except: readonly string[]): RuleText[] {
  const others =
    except.length === 0 ? '' : `,service!~${JSON.stringify(except.map(escapePattern).join('|'))}`;
  const selector = `service!=""${others}`;
  const one = `group by (service) (up{${selector}} or svc:requests:rate2m{${selector}})`;
  const { latencySeconds, availability, p99Seconds } = DEFAULT_OBJECTIVE;
  return [
    { record: 'svc:apdex2m', expr: apdex('sum by (service)', selector, latencySeconds) },
    { record: 'watchroom:slo:target', expr: `${availability} * ${one}` },
    { record: 'watchroom:slo:p99_target_seconds', expr: `${p99Seconds} * ${one}` },
  ];
}

/** (satisfied + tolerated) / 2 over all: the buckets are cumulative, so the second holds the first. */
function apdex(sum: string, selector: string, latencySeconds: number): string {
  const bucket = (bound: number): string =>
    `${sum} (rate(${REQUESTS}_bucket{${selector},${boundMatcher(bound)}}[2m]))`;
  return [
    `(${bucket(latencySeconds)}`,
    ` + ${bucket(4 * latencySeconds)}) / 2`,
    `/ (${sum} (rate(${REQUESTS}_count{${selector}}[2m])) > 0)`,
  ].join('\n');
}

function boundMatcher(bound: number): string {
  // 4 × 0.3 is 1.2000000000000002; a bound has at most 12 digits.
  const text = String(Number(bound.toPrecision(12)));
  return Number.isInteger(Number(text)) ? `le=~"${text}|${text}[.]0"` : `le="${text}"`;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}
