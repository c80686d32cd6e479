/**
 * Ends the series that were live when the last server stopped, one sample spacing after their last sample, so that
 * PromQL shows the outage as a gap. See docs/decisions/0003-gaps-are-gaps.md.
 */
import { type Appendable, type Clock, isStale, type SeriesRef, STALE } from '@watchroom/model';
import { recentRefs } from './disk/block-figures.ts';
import type { BlockStore } from './disk/block-store.ts';
import type { Segment } from './head/segment.ts';
import type { SeriesTable } from './head/series-table.ts';
import type { NewestValue } from './newest-value.ts';
import type { Work } from './pace.ts';
import type { Reader } from './query/reader.ts';
import type { EndedSeries } from './types.ts';

/** PromQL's lookback: older samples are not bridged anyway. */
const LOOKBACK_MS = 5 * 60_000;
/** For a series with one sample. */
const DEFAULT_SPACING_MS = 15_000;
/** Series looked at in one step. */
const STEP = 256;

interface LiveSeries {
  readonly ref: SeriesRef;
  readonly lastMs: number;
  readonly spacingMs: number;
}

export interface LearnParts {
  readonly reader: Reader;
  readonly blocks: BlockStore;
  readonly newest: NewestValue;
}

export class StaleOnOpen {
  readonly #store: Appendable;
  readonly #series: SeriesTable;
  readonly #clock: Clock;
  readonly #ended: (ended: EndedSeries) => void;
  #waiting: LiveSeries[] = [];

  /** `ended` is told of each run that has ended series. */
  constructor(store: Appendable, series: SeriesTable, clock: Clock, ended: (ended: EndedSeries) => void) {
    this.#ended = ended;
    this.#store = store;
    this.#series = series;
    this.#clock = clock;
  }

  /** Learns the newest samples of what was live; with `mark`, `run` will end those series. */
  *learn({ reader, blocks, newest }: LearnParts, mark: boolean): Work {
    const nowMs = this.#clock.now();
    const sinceMs = nowMs - LOOKBACK_MS;
    const inBlocks = recentRefs(blocks.layouts, sinceMs);
    const table = this.#series;
    let seen = 0;
    for (const ref of table.refs()) {
      if (++seen % STEP === 0) yield;
      if (table.lastTime[ref]! < sinceMs && !inBlocks.has(ref)) continue;
      newest.ensure(ref);
      const tail = reader.tail(ref, sinceMs);
      if (!tail) continue;
      if (tail.timeMs > table.lastTime[ref]!) {
        table.lastTime[ref] = tail.timeMs;
        table.lastValue[ref] = tail.value;
        table.risingSince[ref] = tail.timeMs;
      }
      if (!mark || isStale(tail.value)) continue;
      this.#waiting.push({ ref, lastMs: tail.timeMs, spacingMs: tail.spacingMs ?? DEFAULT_SPACING_MS });
    }
  }

  /**
   * Marks the series that have missed a sample, a commit per step; those that may still continue in time wait. `sinceMs`: what
   * is not older may be on its way.
   */
  *run(sinceMs = this.#clock.now()): Work {
    if (this.#waiting.length === 0) return;
    const later: LiveSeries[] = [];
    // A commit per time and segment, as scrapes are: it becomes one row there.
    const due = new Map<Segment | undefined, Map<number, SeriesRef[]>>();
    for (const live of this.#waiting) {
      const { ref, lastMs, spacingMs } = live;
      if (this.#series.lastTime[ref] !== lastMs) continue;
      if (lastMs + spacingMs >= sinceMs) {
        later.push(live);
        continue;
      }
      const segment = this.#series.segmentOf[ref];
      const byTime = due.get(segment) ?? new Map<number, SeriesRef[]>();
      if (byTime.size === 0) due.set(segment, byTime);
      // A ms early: at one spacing exactly the next evaluation of a rule writes, as their times are aligned.
      const endMs = Math.max(lastMs + 1, lastMs + spacingMs - 1);
      const refs = byTime.get(endMs);
      if (refs) refs.push(ref);
      else byTime.set(endMs, [ref]);
    }
    this.#waiting = later;
    const metricNames = new Set<string>();
    let oldestMs = Number.POSITIVE_INFINITY;
    let newestMs = Number.NEGATIVE_INFINITY;
    for (const byTime of due.values()) {
      for (const [timeMs, refs] of [...byTime].sort((a, b) => a[0] - b[0])) {
        const appender = this.#store.appender();
        for (const ref of refs) {
          appender.append(ref, timeMs, STALE);
          metricNames.add(this.#series.labels[ref]?.metricName ?? '');
        }
        appender.commit();
        oldestMs = Math.min(oldestMs, timeMs);
        newestMs = Math.max(newestMs, timeMs);
        yield;
      }
    }
    if (metricNames.size > 0) this.#ended({ metricNames, oldestMs, newestMs });
  }
}
