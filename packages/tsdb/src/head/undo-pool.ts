/** What an appender notes is of no use once it has ended, so the next one writes into the same arrays. */
export interface UndoNotes {
  /** Of the samples. */
  refs: Uint32Array;
  /** The newest samples of their series before. */
  times: Float64Array;
  values: Float64Array;
}

/** Appenders that are open at once beyond this, and larger notes, leave theirs to the garbage collector. */
const KEPT = 2;
const KEPT_SAMPLES = 65_536;

export class UndoPool {
  readonly #free: UndoNotes[] = [];

  /** Room for at least so many samples; what was noted before still stands in it. */
  take(capacity: number): UndoNotes {
    const notes = this.#free.pop();
    if (notes && notes.times.length >= capacity) return notes;
    return {
      refs: new Uint32Array(capacity),
      times: new Float64Array(capacity),
      values: new Float64Array(capacity),
    };
  }

  /** The giver no longer touches them. */
  give(notes: UndoNotes): void {
    if (this.#free.length < KEPT && notes.times.length <= KEPT_SAMPLES) this.#free.push(notes);
  }
}
