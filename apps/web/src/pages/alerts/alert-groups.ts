/** Alerts as the page lists them: groups by name, the worst first. */
import type { LiveAlert } from '@watchroom/contract';
import { stateOfAlert } from '../../app/alert-changes.ts';
import type { State } from '../../design/state.ts';

export type AlertEntry = readonly [id: string, alert: LiveAlert];
export type AlertFilter = 'all' | LiveAlert['state'];

export interface AlertGroup {
  readonly name: string;
  readonly alerts: readonly AlertEntry[];
  readonly counts: Readonly<Record<LiveAlert['state'], number>>;
}

const STATE_RANK: Readonly<Record<LiveAlert['state'], number>> = { firing: 0, pending: 1, resolved: 2 };
const SEVERITY_RANK: Readonly<Record<State, number>> = {
  critical: 0,
  warning: 1,
  late: 2,
  unknown: 3,
  healthy: 4,
};

/** Time that the list counts from: when it began, or when it ended. */
export function sinceMs(alert: LiveAlert): number {
  if (alert.state === 'resolved') return alert.resolvedAtMs ?? alert.activeAtMs;
  return (alert.state === 'firing' ? alert.firedAtMs : undefined) ?? alert.activeAtMs;
}

/** Firing before pending before resolved, then by severity, then the newest first. */
export function sortAlerts(entries: readonly AlertEntry[]): readonly AlertEntry[] {
  return [...entries].sort(
    ([idA, a], [idB, b]) =>
      STATE_RANK[a.state] - STATE_RANK[b.state] ||
      SEVERITY_RANK[stateOfAlert(a)] - SEVERITY_RANK[stateOfAlert(b)] ||
      sinceMs(b) - sinceMs(a) ||
      (idA < idB ? -1 : 1),
  );
}

/** Groups in the order of their worst alert. */
export function groupAlerts(entries: Iterable<AlertEntry>): readonly AlertGroup[] {
  const groups = new Map<string, AlertEntry[]>();
  for (const entry of sortAlerts([...entries])) {
    const { name } = entry[1];
    const group = groups.get(name);
    if (group) group.push(entry);
    else groups.set(name, [entry]);
  }
  return [...groups].map(([name, alerts]) => {
    const counts = { firing: 0, pending: 0, resolved: 0 };
    for (const [, alert] of alerts) counts[alert.state]++;
    return { name, alerts, counts };
  });
}

/** Whether every word of the text occurs in the name or a label. */
export function matchesText(text: string, fields: readonly string[]): boolean {
  const all = fields.join('\n').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

export function labelTexts(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}

export function filterAlerts(
  entries: Iterable<AlertEntry>,
  { text, state }: { readonly text: string; readonly state: AlertFilter },
): readonly AlertEntry[] {
  return [...entries].filter(
    ([, alert]) =>
      (state === 'all' || alert.state === state) &&
      matchesText(text, [alert.name, ...labelTexts(alert.labels), ...Object.values(alert.annotations)]),
  );
}
