/**
 * Runs a group at its slots. The first evaluation is at the slot after the start; a slot that passes while an evaluation
 * runs is skipped and counted, but for the newest, which follows at once.
 */
import type { Clock, Timer } from '@watchroom/model';
import { evaluationTime } from './evaluation-time.ts';
import type { RuleGroup } from './group.ts';

export interface LoopOptions {
  readonly clock: Clock;
  readonly offsetMs: number;
  /** Look up the state before a restart after the second evaluation (the first may lack scrapes and recorded series). */
  readonly restores: boolean;
  readonly onEvaluated: (timeMs: number) => void;
  readonly onMissed: (count: number) => void;
}

export class GroupLoop {
  readonly #group: RuleGroup;
  readonly #options: LoopOptions;
  readonly #stopping = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #nextMs: number;
  #evaluations = 0;

  constructor(group: RuleGroup, options: LoopOptions) {
    this.#group = group;
    this.#options = options;
    this.#nextMs = this.#slotBefore() + group.intervalMs;
  }

  start(): void {
    this.#wait();
  }

  /** Resolves when a running evaluation has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    await this.#running;
  }

  #slotBefore(): number {
    return evaluationTime(this.#options.clock.now(), this.#group.intervalMs, this.#options.offsetMs);
  }

  #wait(): void {
    if (this.#stopping.signal.aborted) return;
    const { clock } = this.#options;
    // The wall clock was set back: slots start over from what it says now.
    if (this.#nextMs - clock.now() > this.#group.intervalMs)
      this.#nextMs = this.#slotBefore() + this.#group.intervalMs;
    this.#timer = clock.after(this.#nextMs - clock.now(), () => {
      if (clock.now() < this.#nextMs) this.#wait();
      else this.#running = this.#run();
    });
  }

  async #run(): Promise<void> {
    const slotMs = this.#slotBefore();
    const missed = Math.round((slotMs - this.#nextMs) / this.#group.intervalMs);
    if (missed > 0) this.#options.onMissed(missed);
    await this.#group.evaluate(slotMs, this.#stopping.signal);
    this.#evaluations++;
    if (this.#options.restores && this.#evaluations === 2)
      await this.#group.restore(this.#options.clock.now());
    this.#options.onEvaluated(slotMs);
    this.#nextMs = slotMs + this.#group.intervalMs;
    this.#wait();
  }
}
