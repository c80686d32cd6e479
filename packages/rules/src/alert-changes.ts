/** Tells which alerts of a rule changed since it was last asked. */
import type { Alert } from '@watchroom/model';

export class AlertChanges {
  #known: ReadonlyMap<string, Alert> = new Map();

  /** `alerts` are all of the rule's now; an alert that is no longer among them ended at `timeMs`. */
  next(alerts: readonly Alert[], timeMs: number): Alert[] {
    const before = this.#known;
    const now = new Map(alerts.map((alert) => [alert.labels.key, alert]));
    this.#known = now;
    const changed = alerts.filter((alert) => differs(alert, before.get(alert.labels.key)));
    for (const [key, alert] of before) {
      // A pending alert that ended is dropped at once; a resolved one at the end of its time.
      if (!now.has(key) && alert.state !== 'inactive')
        changed.push({ ...alert, state: 'inactive', resolvedAtMs: timeMs });
    }
    return changed;
  }
}

function differs(alert: Alert, before: Alert | undefined): boolean {
  return (
    !before ||
    alert.state !== before.state ||
    alert.activeAtMs !== before.activeAtMs ||
    !Object.is(alert.value, before.value) ||
    !alert.annotations.equals(before.annotations)
  );
}
