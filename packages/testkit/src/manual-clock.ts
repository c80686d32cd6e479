import type { Clock, Timer } from '@watchroom/model';

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that moves only when told. Timers run in order of their time, then of their setting. */
export class ManualClock implements Clock {
  #nowMs: number;
  #monotonicMs = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  /** `startMs`: wall time at the start. */
  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const pending: Pending = { atMs: this.#monotonicMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  /** Moves both clocks forward, running what falls due on the way, and lets promises settle after each timer. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#monotonicMs + byMs;
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) {
      this.#moveTo(Math.max(next.atMs, this.#monotonicMs));
      this.#pending.delete(next);
      next.run();
      await settle();
    }
    this.#moveTo(endMs);
    await settle();
  }

  /** Moves both clocks forward as for a process that was stopped meanwhile: timers that fall due run with the next `advance`. */
  skip(byMs: number): void {
    this.#moveTo(this.#monotonicMs + byMs);
  }

  /** Sets the wall clock as an operator would; monotonic time and timers are not touched. */
  setWall(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  get pendingTimers(): number {
    return this.#pending.size;
  }

  #moveTo(monotonicMs: number): void {
    this.#nowMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }

  #next(endMs: number): Pending | undefined {
    let best: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.atMs > endMs) continue;
      if (!best || pending.atMs < best.atMs || (pending.atMs === best.atMs && pending.order < best.order))
        best = pending;
    }
    return best;
  }
}

/** Lets microtasks and already queued I/O callbacks run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
