/** Alerts as the page speaks of them. */
import type { LiveAlert } from '@watchroom/contract';
import type { State } from '../design/state.ts';

export interface AlertChange {
  readonly id: string;
  readonly alert: LiveAlert;
}

/** Alerts that started firing between two documents, and those that fired and resolved. */
export function changesOf(
  before: ReadonlyMap<string, LiveAlert>,
  after: ReadonlyMap<string, LiveAlert>,
): readonly AlertChange[] {
  const changes: AlertChange[] = [];
  for (const [id, alert] of after) {
    const was = before.get(id)?.state;
    if (alert.state === 'firing' && was !== 'firing') changes.push({ id, alert });
    if (alert.state === 'resolved' && was === 'firing') changes.push({ id, alert });
  }
  for (const [id, alert] of before) {
    if (alert.state === 'firing' && !after.has(id))
      changes.push({ id, alert: { ...alert, state: 'resolved' } });
  }
  return changes;
}

/** What it is about, then its name: `order · HealthLow`. */
export function alertTitle(alert: LiveAlert): string {
  const about = alert.labels.service ?? alert.labels.instance;
  return about ? `${about} · ${alert.name}` : alert.name;
}

/** The colour of an alert follows its severity label; one without a severity is a warning. */
export function stateOfAlert(alert: LiveAlert): State {
  if (alert.state === 'resolved') return 'healthy';
  const severity = alert.labels.severity ?? 'warning';
  if (severity === 'critical' || severity === 'page') return 'critical';
  return severity === 'info' || severity === 'none' ? 'unknown' : 'warning';
}
