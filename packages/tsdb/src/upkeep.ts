/**
 * What goes on behind the commits: flushing, turning closed segments into blocks, retention, verification. All of it
 * is cut into steps, and each turn of the event loop takes only as many as fit into its budget.
 */
import type { Clock, Timer } from '@watchroom/model';

const BUDGET_MS = 8;
/** Between two turns while work is left. */
const PAUSE_MS = 2;

/** Endless or finite work in steps of a few ms. */
export type Work = Generator<void, void, void>;

export interface UpkeepOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** Once per tick, before the steps: flushes. */
  readonly tick: () => void;
  /** The work that is due, most urgent first; taken up when the work before is done. */
  readonly next: () => Work | undefined;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  #ticker: Timer | undefined;
  #stepper: Timer | undefined;
  #work: Work | undefined;
  #closed = false;
  worstSliceMs = 0;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#ticker = this.#options.clock.after(this.#options.everyMs, () => {
      if (this.#closed) return;
      this.#measured(() => this.#options.tick());
      this.#step();
      this.start();
    });
  }

  /** Takes all due work to its end at once. */
  drain(): void {
    for (;;) {
      this.#work ??= this.#options.next();
      if (!this.#work) return;
      while (!this.#work.next().done);
      this.#work = undefined;
    }
  }

  stop(): void {
    this.#closed = true;
    this.#ticker?.cancel();
    this.#stepper?.cancel();
  }

  #step(): void {
    this.#stepper?.cancel();
    this.#stepper = undefined;
    let more = false;
    this.#measured((startMs) => {
      do {
        this.#work ??= this.#options.next();
        if (!this.#work) return;
        if (this.#work.next().done) this.#work = undefined;
      } while (performanceNow() - startMs < BUDGET_MS);
      more = true;
    });
    if (!more) return;
    this.#stepper = this.#options.clock.after(PAUSE_MS, () => {
      if (!this.#closed) this.#step();
    });
  }

  #measured(run: (startMs: number) => void): void {
    const startMs = performanceNow();
    run(startMs);
    this.worstSliceMs = Math.max(this.worstSliceMs, performanceNow() - startMs);
  }
}

/** Real time, whatever the clock port says: the budget is about this thread. */
function performanceNow(): number {
  return performance.now();
}
