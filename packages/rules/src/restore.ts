/**
 * Brings back how long alerts have been pending, from the ALERTS_FOR_STATE series of the run before.
 * Source: Prometheus 3 rules/group.go, Group.RestoreForState, with its default tolerances.
 */
import { type Alert, isStale, Matcher, METRIC_NAME, type Querier } from '@watchroom/model';
import { ALERTS_FOR_STATE, type AlertingRule } from './alerting-rule.ts';

/** How old the state may be. */
const OUTAGE_TOLERANCE_MS = 3_600_000;
/** Rules with a shorter `for` are not restored; no restored alert fires earlier than this. */
export const FOR_GRACE_MS = 600_000;

interface LastState {
  readonly atMs: number;
  readonly activeAtMs: number;
}

/** Marks the rule restored whatever comes of it; throws when the store cannot be read. */
export async function restoreForState(rule: AlertingRule, querier: Querier, nowMs: number): Promise<void> {
  const { forMs, name } = rule.spec;
  rule.restored = true;
  if (forMs < FOR_GRACE_MS) return;
  const before = await lastStates(name, querier, nowMs);
  rule.restore((alert) => {
    const state = before.get(alert.labels.key);
    return state && restoredStart(state, forMs, nowMs, alert);
  });
}

async function lastStates(name: string, querier: Querier, nowMs: number): Promise<Map<string, LastState>> {
  const startMs = nowMs - OUTAGE_TOLERANCE_MS;
  const matchers = [new Matcher(METRIC_NAME, '=', ALERTS_FOR_STATE), new Matcher('alertname', '=', name)];
  const hints = { startMs, endMs: nowMs, stepMs: 0, rangeMs: OUTAGE_TOLERANCE_MS, func: '' };
  const states = new Map<string, LastState>();
  for (const { labels, timestamps, values } of await querier.select(matchers, hints)) {
    const last = values.at(-1);
    if (last === undefined || isStale(last)) continue;
    const atMs = Math.floor(timestamps.at(-1)! / 1000) * 1000;
    states.set(labels.with(METRIC_NAME, '').key, { atMs, activeAtMs: Math.trunc(last) * 1000 });
  }
  return states;
}

function restoredStart(state: LastState, forMs: number, nowMs: number, alert: Alert): number | undefined {
  if (alert.state === 'inactive') return undefined;
  const remainingMs = forMs - (state.atMs - state.activeAtMs);
  // It was firing: it fires again at the next evaluation.
  if (remainingMs <= 0) return state.activeAtMs;
  if (remainingMs < FOR_GRACE_MS) return nowMs + FOR_GRACE_MS - forMs;
  return state.activeAtMs + (nowMs - state.atMs);
}
