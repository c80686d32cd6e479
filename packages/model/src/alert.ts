/** An alert as rules raise it, the wall shows it and notification sends it. */
import type { Labels } from './labels.ts';

export type AlertState = 'inactive' | 'pending' | 'firing';

/** Times in ms since the epoch. */
export interface Alert {
  /** With `alertname`; identifies the alert. */
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: AlertState;
  readonly value: number;
  /** When the condition became true. */
  readonly activeAtMs: number;
  readonly firedAtMs: number | undefined;
  /** Set on an alert that ended; it stays listed for a while. */
  readonly resolvedAtMs: number | undefined;
  /** Set while keep_firing_for holds an alert whose condition is false. */
  readonly keepFiringSinceMs: number | undefined;
}
