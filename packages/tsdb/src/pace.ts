/** Cuts long work into turns of the event loop, and remembers the longest one. */

export const BUDGET_MS = 4;

/** Endless or finite work in steps of a few ms. */
export type Work = Generator<void, void, void>;

export class Pace {
  /** Longest stretch that held the thread. */
  worstMs = 0;

  /** Runs steps until the work is done, with other work of the thread in between. */
  async run<T>(work: Generator<void, T, void>): Promise<T> {
    for (;;) {
      const done = this.measured(() => {
        const startMs = performance.now();
        for (;;) {
          const step = work.next();
          if (step.done) return step;
          if (performance.now() - startMs > BUDGET_MS) return undefined;
        }
      });
      if (done) return done.value;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Real time, whatever the clock port says: this is about the thread. */
  measured<T>(run: () => T): T {
    const startMs = performance.now();
    try {
      return run();
    } finally {
      this.worstMs = Math.max(this.worstMs, performance.now() - startMs);
    }
  }
}

/** Whether the work was done in time; it goes on in any case. */
export async function within(ms: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
