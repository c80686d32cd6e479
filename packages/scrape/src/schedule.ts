/**
 * When the next scrape is due, and which time its samples carry. Planned on the monotonic clock, so that it never drifts
 * and a wall clock that is set does not stop it; sample times lie on a grid as long as scrapes start within a tolerance of it.
 * Source: Prometheus scrape/scrape.go, AlignScrapeTimestamps (2 ms, at most a hundredth of the interval).
 */
const MAX_TOLERANCE_MS = 2;

export class Schedule {
  readonly intervalMs: number;
  /** Monotonic time of the scrape that is due next. */
  #plannedMs: number;
  #gridMs: number | undefined;

  constructor(intervalMs: number, firstAtMs: number) {
    this.intervalMs = intervalMs;
    this.#plannedMs = firstAtMs;
  }

  get plannedMs(): number {
    return this.#plannedMs;
  }

  /** The time for the samples of a scrape that starts now, in whole ms, and how late it is. */
  start(wallMs: number, monotonicMs: number): { readonly sampleTimeMs: number; readonly lateMs: number } {
    const tolerance = Math.min(MAX_TOLERANCE_MS, this.intervalMs / 100);
    const lateMs = Math.max(0, monotonicMs - this.#plannedMs);
    const due = wallMs - lateMs;
    if (this.#gridMs === undefined || Math.abs(due - this.#gridMs) > tolerance)
      this.#gridMs = Math.round(due);
    return { sampleTimeMs: lateMs <= tolerance ? this.#gridMs : Math.round(wallMs), lateMs };
  }

  /** Moves on to the next scrape. Gives how many were missed: one may start late, those before it are left out. */
  advance(monotonicMs: number): number {
    const behind = Math.floor((monotonicMs - this.#plannedMs) / this.intervalMs) - 1;
    const missed = Math.max(0, behind);
    this.#moveBy((missed + 1) * this.intervalMs);
    return missed;
  }

  #moveBy(ms: number): void {
    this.#plannedMs += ms;
    if (this.#gridMs !== undefined) this.#gridMs += ms;
  }
}

/** Ms from `nowMs` on the wall to a place in the interval. */
export function untilPlaceMs(placeMs: number, intervalMs: number, nowMs: number): number {
  return (((placeMs - nowMs) % intervalMs) + intervalMs) % intervalMs;
}
