/**
 * Releases series that nothing holds any more: no segment in memory, no block in a chunk file, no sample lately. Retention
 * drops files; what was only in those goes here.
 */
import type { Clock, SeriesRef } from '@watchroom/model';
import type { BlockStore } from './disk/block-store.ts';
import type { Head } from './head/head.ts';
import type { SeriesTable } from './head/series-table.ts';
import type { Work } from './pace.ts';
import type { Rollups } from './rollup/rollups.ts';

/** Refs looked at in one step, and series released in one: each release walks the lists of the label index. */
const LOOK_STEP = 4_096;
const RELEASE_STEP = 1_000;
/** Longer than usual scrape intervals: whoever writes on keeps the series, also when retention is shorter than that. */
const IDLE_MS = 60_000;

export interface ForgetParts {
  readonly clock: Clock;
  readonly series: SeriesTable;
  readonly head: Head;
  readonly blocks: BlockStore;
  readonly rollups: Rollups;
}

export class ForgetSeries {
  readonly #parts: ForgetParts;
  /** Found without a sample by the last pass: a commit that was under way then is done by the next one. */
  #candidates = new Set<SeriesRef>();

  constructor(parts: ForgetParts) {
    this.#parts = parts;
  }

  /** One pass over all series. */
  *run(): Work {
    const { clock, series } = this.#parts;
    const idleSinceMs = clock.now() - IDLE_MS;
    const candidates = new Set<SeriesRef>();
    const gone: SeriesRef[] = [];
    // By number, as a generator's results are much garbage for something that goes on all the time.
    for (let ref = 1; ref < series.labels.length; ref++) {
      if (ref % LOOK_STEP === 0) yield;
      if (!series.labels[ref] || !this.#isFree(ref, idleSinceMs)) continue;
      if (this.#candidates.has(ref)) gone.push(ref);
      else candidates.add(ref);
    }
    this.#candidates = candidates;
    for (let i = 0; i < gone.length; i += RELEASE_STEP) {
      yield;
      // Asked again, as commits come in between steps.
      series.forget(gone.slice(i, i + RELEASE_STEP).filter((ref) => this.#isFree(ref, idleSinceMs)));
    }
  }

  #isFree(ref: SeriesRef, idleSinceMs: number): boolean {
    const { series, head, blocks, rollups } = this.#parts;
    if (series.lastTime[ref]! >= idleSinceMs) return false;
    return !head.holds(ref) && !blocks.holds(ref) && !rollups.holds(ref);
  }
}
