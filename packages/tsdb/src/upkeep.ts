/**
 * What goes on behind the commits on the store's own thread: handing samples and closed segments to the writing thread,
 * retention, verification. All of it is cut into steps, and each turn of the event loop takes only as many as fit into
 * its budget.
 */
import type { Clock, Timer } from '@watchroom/model';
import { BUDGET_MS, type Pace, type Work } from './pace.ts';

/** Between two turns while work is left. */
const PAUSE_MS = 2;

export interface UpkeepOptions {
  readonly clock: Clock;
  readonly pace: Pace;
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

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#ticker = this.#options.clock.after(this.#options.everyMs, () => {
      if (this.#closed) return;
      this.#options.pace.measured(() => this.#options.tick());
      this.step();
      this.start();
    });
  }

  stop(): void {
    this.#closed = true;
    this.#ticker?.cancel();
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
