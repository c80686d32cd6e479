/** Topic `alerts`: pending, firing and recently resolved alerts, keyed by their labels. */
import { type LiveAlert, toWireValue } from '@watchroom/contract';
import type { Alert } from '@watchroom/model';

export function alertsDocument(alerts: readonly Alert[]): Map<string, LiveAlert> {
  return new Map(alerts.map((alert) => [alert.labels.key, liveAlert(alert)]));
}

function liveAlert(alert: Alert): LiveAlert {
  return {
    name: alert.labels.get('alertname'),
    state: alert.state === 'inactive' ? 'resolved' : alert.state,
    labels: alert.labels.toObject(),
    annotations: alert.annotations.toObject(),
    value: toWireValue(alert.value),
    activeAtMs: alert.activeAtMs,
    firedAtMs: alert.firedAtMs,
    resolvedAtMs: alert.resolvedAtMs,
  };
}
