/**
 * What goes on behind the commits on the store's own thread: handing samples and closed segments to the writing thread,
 * retention, verification. All of it is cut into steps, and each turn of the event loop takes only as many as fit into
 * its budget.
 */
import type { Clock, Timer } from '@watchroom/model';
import { BUDGET_MS, type Pace, type Work } from './pace.ts';

/** Between two turns while work is left. */
const PAUSE_MS = 2;
/** Between two ticks while nothing comes, if that is longer than it is otherwise. */
const REST_MS = 1_000;

export interface UpkeepOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  /** A tick comes not later than this after `wake`. */
  readonly everyMs: number;
  /** Once per tick, before the steps: flushes. True when there is something to flush that had to wait. */
  readonly tick: () => boolean;
  /** The work that is due, most urgent first; taken up when the work before is done. */
  readonly next: () => Work | undefined;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  #ticker: Timer | undefined;
  #tickMs = 0;
  #stepper: Timer | undefined;
  #work: Work | undefined;
  #closed = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#arm(this.#options.everyMs);
  }

  /** There is something to flush. */
  wake(): void {
    const { clock, everyMs } = this.#options;
    if (this.#ticker && this.#tickMs - clock.monotonic() > everyMs) this.#arm(everyMs);
  }

  #arm(ms: number): void {
    const { clock, everyMs, pace, tick } = this.#options;
    this.#ticker?.cancel();
    this.#tickMs = clock.monotonic() + ms;
    this.#ticker = clock.after(ms, () => {
      if (this.#closed) return;
      this.#arm(Math.max(everyMs, REST_MS));
      if (pace.measured(tick)) this.wake();
      this.step();
    });
  }

  stop(): void {
    this.#closed = true;
    this.#ticker?.cancel();
    this.#ticker = undefined;
    this.#stepper?.cancel();
  }

  /** Takes up what is due; the rest follows by itself. */
  step(): void {
    if (this.#closed) return;
    this.#stepper?.cancel();
    this.#stepper = undefined;
    if (!this.#options.pace.measured(() => this.#turn())) return;
    this.#stepper = this.#options.clock.after(PAUSE_MS, () => this.step());
  }

  /** One turn's worth of steps; true when work is left. */
  #turn(): boolean {
    const startMs = performance.now();
    do {
      this.#work ??= this.#options.next();
      if (!this.#work) return false;
      if (this.#work.next().done) this.#work = undefined;
    } while (performance.now() - startMs < BUDGET_MS);
    return true;
  }
}
