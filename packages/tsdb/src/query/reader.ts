/** The Querier: finds series by their labels and reads them from blocks and head in one cut. */
import {
  compareBytes,
  type Labels,
  type Matcher,
  METRIC_NAME,
  type NativeHistogram,
  type Querier,
  type SelectHints,
  type SeriesData,
  type SeriesRef,
  type SeriesSet,
  type StoreCut,
  type TimeRange,
} from '@watchroom/model';
import { isAbsent, isHistogram } from '../chunk/absent.ts';
import type { TombstoneSet, Tombstones } from '../deletion/tombstones.ts';
import type { BlockStore } from '../disk/block-store.ts';
import type { SliceCache } from '../disk/slice-cache.ts';
import type { Head } from '../head/head.ts';
import type { Part } from '../head/segment.ts';
import type { SeriesTable } from '../head/series-table.ts';
import { isShown, planFor, type VisibleLevel } from '../rollup/plan.ts';
import { Assembler, type Columns } from './assemble.ts';
import { Cut, Cuts } from './cuts.ts';
import { RolledSeries } from './rolled-series.ts';
import { copied, StoredSeries, ValueBuffer } from './stored-series.ts';

const ABORT_CHECK_EVERY = 64;

/** The last two samples of a series, wherever they are. */
class NewestTwo {
  readonly #sinceMs: number;
  #beforeMs = Number.NEGATIVE_INFINITY;
  count = 0;
  timeMs: number = Number.NEGATIVE_INFINITY;
  value = 0;

  constructor(sinceMs: number) {
    this.#sinceMs = sinceMs;
  }

  /** Distance of the two; undefined when there is one. */
  get spacingMs(): number | undefined {
    return this.count < 2 ? undefined : this.timeMs - this.#beforeMs;
  }

  look({ times, values, holes }: Part): void {
    for (let i = times.length - 1, seen = 0; i >= 0 && seen < 2 && times[i]! >= this.#sinceMs; i--) {
      if (holes && isAbsent(values[i]!)) continue;
      seen++;
      this.#note(times[i]!, values[i]!);
    }
  }

  #note(timeMs: number, value: number): void {
    if (timeMs > this.timeMs) {
      this.#beforeMs = this.timeMs;
      this.timeMs = timeMs;
      this.value = value;
    } else if (timeMs > this.#beforeMs && timeMs < this.timeMs) this.#beforeMs = timeMs;
    else return;
    this.count = Math.min(2, this.count + 1);
  }
}

export interface ReaderParts {
  readonly series: SeriesTable;
  readonly head: Head;
  readonly blocks: BlockStore;
  readonly tombstones: Tombstones;
  readonly oldestMs: () => number;
  /** Aggregates for where raw samples are gone, finest first. */
  readonly levels?: () => readonly VisibleLevel[];
}

export class Reader implements Querier {
  readonly #series: SeriesTable;
  readonly #head: Head;
  readonly #blocks: BlockStore;
  /** Nothing older is shown, though a file may still hold it. */
  readonly #oldestMs: () => number;
  readonly #tombstones: Tombstones;
  /** Aggregates, for where raw samples are gone; finest first. */
  readonly #levels: () => readonly VisibleLevel[];
  readonly #buffer = new ValueBuffer();
  readonly #cuts: Cuts;

  constructor({ series, head, blocks, tombstones, oldestMs, levels }: ReaderParts) {
    this.#series = series;
    this.#cuts = new Cuts(series);
    this.#head = head;
    this.#blocks = blocks;
    this.#tombstones = tombstones;
    this.#oldestMs = oldestMs;
    this.#levels = levels ?? (() => []);
  }

  lacks(metricName: string): boolean {
    return !this.#series.index.valuesOf(METRIC_NAME).has(metricName);
  }

  select(matchers: readonly Matcher[], hints: SelectHints, signal?: AbortSignal): readonly SeriesData[] {
    const found: SeriesData[] = [];
    let seen = 0;
    if (planFor(hints, this.#levels())) {
      const set = this.open(matchers, hints);
      for (let i = 0; i < set.size; i++) {
        if (i % ABORT_CHECK_EVERY === 0) signal?.throwIfAborted();
        const data = set.read(i);
        if (data) found.push(copied(data));
      }
      return found;
    }
    const startMs = Math.max(hints.startMs, this.#oldestMs());
    const assembler = new Assembler(startMs, hints.endMs);
    const deleted = this.#tombstones.current;
    for (const ref of this.#series.index.find(matchers)) {
      if (seen++ % ABORT_CHECK_EVERY === 0) signal?.throwIfAborted();
      const data = this.#whole(ref, deleted, assembler, { startMs, endMs: hints.endMs });
      if (data) found.push(data);
    }
    return found;
  }

  open(matchers: readonly Matcher[], hints: SelectHints, cut?: StoreCut): SeriesSet {
    const { endMs } = hints;
    const startMs = Math.max(hints.startMs, this.#oldestMs());
    const assembler = new Assembler(startMs, endMs);
    const deleted = this.#tombstones.current;
    const options = {
      table: this.#series,
      head: this.#head,
      blocks: this.#blocks,
      startMs,
      endMs,
      newestOnly: hints.stepMs === 0 && hints.rangeMs === 0,
      cut: cut instanceof Cut ? cut : undefined,
      deleted,
      assemble: (ref: SeriesRef) => this.#whole(ref, deleted, assembler, { startMs, endMs }),
    };
    const refs = this.#series.index.find(matchers);
    const raw = new StoredSeries(refs, options, this.#buffer);
    const plan = planFor(hints, this.#levels());
    if (!plan) return raw;
    const { startMs: fromMs, stepMs } = hints;
    return new RolledSeries(refs, raw, { ...options, plan, fromMs, stepMs });
  }

  /** One series' samples in the range; undefined when it has none. */
  samplesOf(ref: SeriesRef, range: TimeRange): SeriesData | undefined {
    return this.#whole(ref, this.#tombstones.current, new Assembler(range.startMs, range.endMs), range);
  }

  /** To be called now and then. */
  tidy(): void {
    this.#buffer.shapes.tidy();
  }

  cut(): StoreCut {
    return this.#cuts.now();
  }

  #whole(
    ref: SeriesRef,
    deleted: TombstoneSet,
    assembler: Assembler,
    range: TimeRange,
  ): SeriesData | undefined {
    const parts = this.#parts(ref, deleted, range);
    const columns = assembler.assemble(parts);
    if (!columns) return undefined;
    return { labels: this.#series.labels[ref]!, ...columns, histograms: histogramsIn(parts, columns) };
  }

  /** The newest sample of a series from `sinceMs` on, and the distance to the one before it. */
  tail(
    ref: SeriesRef,
    sinceMs: number,
  ): { timeMs: number; value: number; spacingMs: number | undefined } | undefined {
    const hidden = this.#tombstones.current.of(ref);
    const spacingMs = hidden ? undefined : this.#lastSpacingMs(ref, sinceMs);
    if (spacingMs !== undefined)
      return { timeMs: this.#series.lastTime[ref]!, value: this.#series.lastValue[ref]!, spacingMs };
    const newest = new NewestTwo(sinceMs);
    const parts: Part[] = [];
    this.#head.parts(ref, sinceMs, Number.POSITIVE_INFINITY, parts, hidden);
    for (const part of parts) newest.look(part);
    if (newest.count < 2) {
      // The newest block is enough: what matters are the last two samples.
      parts.length = 0;
      const fromMs = hidden ? sinceMs : Math.max(sinceMs, this.#blocks.lastMs(ref));
      this.#blocks.parts(ref, fromMs, Number.POSITIVE_INFINITY, parts, { hidden });
      for (const part of parts) newest.look(part);
    }
    return newest.count === 0 ? undefined : newest;
  }

  /** From the last but one sample of a series, from `sinceMs` on, to the last; undefined when that takes a look at its samples. */
  #lastSpacingMs(ref: SeriesRef, sinceMs: number): number | undefined {
    const segment = this.#series.segmentOf[ref];
    if (segment?.kind !== 'grid' || segment.rows < 2 || this.#head.strays.has(ref)) return undefined;
    const { times, rows, counts } = segment;
    const [before, last] = [times[rows - 2]!, times[rows - 1]!];
    const isWhole = counts[this.#series.columnOf[ref]!] === rows;
    if (!isWhole || before < sinceMs || last !== this.#series.lastTime[ref]) return undefined;
    return last - before;
  }

  series(matchers: readonly Matcher[], range: TimeRange): readonly Labels[] {
    return this.#live(matchers, range).map((ref) => this.#series.labels[ref]!);
  }

  /** A series is looked at only while it can tell something new. */
  labelNames(matchers: readonly Matcher[], range: TimeRange): readonly string[] {
    const names = new Set<string>();
    const isLive = this.liveness(range);
    if (matchers.length === 0) {
      for (const [name, values] of this.#series.index.entries())
        if (values.values().some((refs) => refs.some(isLive))) names.add(name);
    } else {
      for (const ref of this.#series.index.find(matchers)) {
        const found = this.#series.labels[ref]!.names;
        if (found.every((name) => names.has(name)) || !isLive(ref)) continue;
        for (const name of found) names.add(name);
      }
    }
    return [...names].sort(compareBytes);
  }

  labelValues(name: string, matchers: readonly Matcher[], range: TimeRange): readonly string[] {
    const values = new Set<string>();
    const isLive = this.liveness(range);
    if (matchers.length === 0) {
      for (const [value, refs] of this.#series.index.valuesOf(name)) if (refs.some(isLive)) values.add(value);
    } else {
      for (const ref of this.#series.index.find(matchers)) {
        const value = this.#series.labels[ref]!.get(name);
        if (value !== '' && !values.has(value) && isLive(ref)) values.add(value);
      }
    }
    return [...values].sort(compareBytes);
  }

  /** All samples of one series in the range; the cache is for one who passes by with all series. */
  samples(ref: SeriesRef, startMs: number, endMs: number, cache: SliceCache): Columns | undefined {
    const parts = this.#parts(ref, this.#tombstones.current, { startMs, endMs }, cache);
    return new Assembler(startMs, endMs).assemble(parts);
  }

  #parts(ref: SeriesRef, deleted: TombstoneSet, { startMs, endMs }: TimeRange, cache?: SliceCache): Part[] {
    const parts: Part[] = [];
    const hidden = deleted.of(ref);
    this.#blocks.parts(ref, startMs, endMs, parts, { hidden, cache });
    this.#head.parts(ref, startMs, endMs, parts, hidden);
    return parts;
  }

  #live(matchers: readonly Matcher[], range: TimeRange): SeriesRef[] {
    return this.#series.index.find(matchers).filter(this.liveness(range));
  }

  /**
   * Whether a series has samples in the range, as things are now: by the span of the blocks and segments that hold it, so its
   * samples may lie just outside.
   */
  liveness(range: TimeRange): (ref: SeriesRef) => boolean {
    const startMs = Math.max(range.startMs, this.#oldestMs());
    const assembler = new Assembler(startMs, range.endMs);
    const parts: Part[] = [];
    const { lastTime, segmentOf } = this.#series;
    const deleted = this.#tombstones.current;
    const levels = range.startMs < startMs ? this.#levels() : [];
    return (ref) => {
      const hidden = deleted.of(ref);
      if (!hidden) {
        if (segmentOf[ref] && lastTime[ref]! >= startMs && lastTime[ref]! <= range.endMs) return true;
        if (this.#blocks.touches(ref, startMs, range.endMs)) return true;
      }
      for (const level of levels) if (isShown(level, ref, range, hidden)) return true;
      if (hidden)
        return assembler.assemble(this.#parts(ref, deleted, { startMs, endMs: range.endMs })) !== undefined;
      parts.length = 0;
      this.#head.parts(ref, startMs, range.endMs, parts);
      return parts.length > 0 && assembler.assemble(parts) !== undefined;
    };
  }
}

/** The histograms behind the marks among a series' samples; undefined when there are none. */
function histogramsIn(
  parts: readonly Part[],
  { timestamps, values }: Columns,
): (NativeHistogram | undefined)[] | undefined {
  let found: (NativeHistogram | undefined)[] | undefined;
  for (const { histograms } of parts) {
    if (!histograms) continue;
    found ??= new Array<NativeHistogram | undefined>(values.length).fill(undefined);
    for (let i = 0; i < values.length; i++)
      if (found[i] === undefined && isHistogram(values[i]!)) found[i] = histograms.at(timestamps[i]!);
  }
  return found?.some((histogram) => histogram !== undefined) ? found : undefined;
}
