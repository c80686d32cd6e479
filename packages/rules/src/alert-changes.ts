/** Tells which alerts of a rule changed since it was last asked. */
import type { Alert } from '@watchroom/model';
import type { AlertingRule } from './alerting-rule.ts';

export class AlertChanges {
  /** By rule specification's name and labels, so that a reload is not a change. */
  readonly #known = new WeakMap<AlertingRule, Map<string, Alert>>();

  since(rule: AlertingRule, timeMs: number): Alert[] {
    const before = this.#known.get(rule) ?? new Map<string, Alert>();
    const now = new Map(rule.alerts().map((alert) => [alert.labels.key, alert]));
    this.#known.set(rule, now);
    const changed = [...now.values()].filter((alert) => differs(alert, before.get(alert.labels.key)));
    for (const [key, alert] of before) {
      // A pending alert that ended is dropped at once; a resolved one at the end of its time.
      if (!now.has(key) && alert.state !== 'inactive')
        changed.push({ ...alert, state: 'inactive', resolvedAtMs: timeMs });
    }
    return changed;
  }

  forget(rule: AlertingRule): void {
    this.#known.delete(rule);
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
