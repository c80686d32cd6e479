/**
 * Whether the wall clock may be wrong: it was set forward, or at the start all blocks are older than they may be (samples
 * that are younger may have come by the same wrong clock). For an hour then
 * nothing is deleted for its age, so that there is time to set it right. Where the clock was right all along, files go
 * an hour later.
 */
import type { Clock } from '@watchroom/model';
import { timeText } from './disk/problem-log.ts';
import type { StoreLog } from './types.ts';

const DOUBT_MS = 3_600_000;
/** Clocks that are corrected little by little are no matter. */
const SET_MS = 300_000;

export class ClockDoubt {
  readonly #clock: Clock;
  readonly #log: StoreLog;
  /** Between the wall clock and the monotonic one. */
  #offsetMs: number;
  #untilMs = Number.NEGATIVE_INFINITY;

  /** `newestMs`: of the samples in blocks; -Infinity when there are none. */
  constructor(clock: Clock, log: StoreLog, newestMs: number, retentionMs: number) {
    this.#clock = clock;
    this.#log = log;
    this.#offsetMs = clock.now() - clock.monotonic();
    if (Number.isFinite(newestMs) && clock.now() - newestMs > retentionMs)
      this.#begin(
        `all blocks are older than the retention, the newest sample in them is of ${timeText(newestMs)}`,
      );
  }

  /** To be asked more often than every few minutes. */
  get isOpen(): boolean {
    const offsetMs = this.#clock.now() - this.#clock.monotonic();
    const byMs = offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    if (byMs > SET_MS)
      this.#begin(`the clock was set forward by ${Math.round(byMs / 1000)} s, or the machine slept`);
    return this.#clock.monotonic() < this.#untilMs;
  }

  #begin(why: string): void {
    this.#untilMs = this.#clock.monotonic() + DOUBT_MS;
    this.#log.warn(
      `retention: ${why}; for an hour nothing is deleted for its age, in case the clock is wrong`,
    );
  }
}
