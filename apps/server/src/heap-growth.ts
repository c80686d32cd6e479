/**
 * How much the heap may grow between two full collections. The engine lets a heap whose program hardly allocates grow by a tenth,
 * so that 100,000 series (100 MB that stay) were looked through every five seconds for a few MB of garbage, a sixth of all
 * the server's CPU time. Such a heap gets two fifths instead; one with much garbage keeps the engine's choice, which is more.
 */
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';

const GROWTH_PERCENT = 40;
/** So many full collections that follow each other faster belong to a program that allocates much, fewer to a moment of it. */
const QUIET_MS = 3_000;
const QUICK_IN_A_ROW = 3;

export class HeapGrowth {
  readonly #set: (percent: number) => void;
  #lastMs = 0;
  #percent = 0;
  #quick = 0;

  /** `set` takes the percentage by which the heap may grow; 0: as the engine likes. */
  constructor(set: (percent: number) => void) {
    this.#set = set;
  }

  /** A full collection that began at `startMs` after the process did. */
  collected(startMs: number): void {
    this.#quick = startMs - this.#lastMs > QUIET_MS ? 0 : this.#quick + 1;
    this.#lastMs = startMs;
    if (this.#quick > 0 && this.#quick < QUICK_IN_A_ROW) return;
    this.#choose(this.#quick === 0 ? GROWTH_PERCENT : 0);
  }

  /** To be called before a heap that has settled is collected: told of it afterwards, the engine has chosen a threshold already. */
  settled(): void {
    this.#quick = 0;
    this.#choose(GROWTH_PERCENT);
  }

  #choose(percent: number): void {
    if (percent === this.#percent) return;
    this.#percent = percent;
    this.#set(percent);
  }
}

type CollectionEntry = PerformanceEntry & { readonly detail?: { readonly kind?: number } };

/** For the whole process, until it ends. */
export function paceHeapGrowth(): HeapGrowth {
  // The engine reads it when a collection ends and the next one's threshold is worked out.
  const growth = new HeapGrowth((percent) => setFlagsFromString(`--heap-growing-percent=${percent}`));
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as CollectionEntry[])
      if (entry.detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR) growth.collected(entry.startTime);
  });
  observer.observe({ entryTypes: ['gc'] });
  return growth;
}
