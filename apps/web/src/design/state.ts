/** The five states of anything watched. `late`: there is a value, older than two intervals. `unknown`: no basis for a value. */
export type State = 'healthy' | 'warning' | 'critical' | 'unknown' | 'late';
export const STATES: readonly State[] = ['healthy', 'warning', 'critical', 'unknown', 'late'];

/** Bounds of the health alerts: warning from below 70 (where HealthLow clears), critical from below 40. */
export const HEALTHY_FROM = 70;
export const CRITICAL_BELOW = 40;

export function stateOfScore(score: number | undefined): State {
  if (score === undefined || Number.isNaN(score)) return 'unknown';
  if (score >= HEALTHY_FROM) return 'healthy';
  return score < CRITICAL_BELOW ? 'critical' : 'warning';
}
