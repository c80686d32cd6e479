/**
 * Which stored samples are deleted. A tombstone hides a span of time of one series, and only what was there when it was made:
 * it ends at the series' newest sample, and holds for the segments that were begun before it. So samples that come after a
 * deletion are seen, at whatever time they lie.
 */
import type { Labels, SeriesRef } from '@watchroom/model';
import { isAbsent } from '../chunk/absent.ts';
import type { Part } from '../head/segment.ts';
import { lowerBound } from '../query/assemble.ts';

/** A closed span, ms. */
export interface Tombstone {
  readonly fromMs: number;
  readonly toMs: number;
  /** Holds for segments, and the blocks they became, with a smaller number. */
  readonly beforeSegment: number;
}

/** Of a series' exemplars. */
export interface ExemplarTombstone {
  readonly fromMs: number;
  readonly toMs: number;
  /** Holds for exemplars up to this number. */
  readonly upToSeq: number;
}

/** A series' deleted exemplars; they may outlive the series. */
export interface HiddenExemplars {
  readonly labels: Labels;
  readonly list: readonly ExemplarTombstone[];
}

/** The tombstones of one series. */
export class HiddenSpans {
  readonly list: readonly Tombstone[];

  constructor(list: readonly Tombstone[]) {
    this.list = list;
  }

  /** With one more, and without those that it covers. */
  with(added: Tombstone): HiddenSpans {
    const kept = this.list.filter(
      ({ fromMs, toMs, beforeSegment }) =>
        fromMs < added.fromMs || toMs > added.toMs || beforeSegment > added.beforeSegment,
    );
    return new HiddenSpans([...kept, added]);
  }

  /** Whether samples of the segment in the span may be hidden. */
  touches(segment: number, startMs: number, endMs: number): boolean {
    return this.list.some(
      ({ fromMs, toMs, beforeSegment }) => segment < beforeSegment && fromMs <= endMs && toMs >= startMs,
    );
  }

  /** Whether a sample of a window (`fromMs`, `endMs`] was deleted after the block of aggregates that has it was made; see Block. */
  hidesWindow(deletions: number, fromMs: number, endMs: number): boolean {
    return this.list.some((one) => one.beforeSegment > deletions && one.fromMs <= endMs && one.toMs > fromMs);
  }

  /** The same of all windows with ends from `firstMs` to `lastMs`. */
  hidesWindows(deletions: number, firstMs: number, lastMs: number, resolutionMs: number): boolean {
    const isCovered = ({ fromMs, toMs, beforeSegment }: Tombstone): boolean =>
      beforeSegment > deletions && fromMs <= firstMs && toMs >= lastMs - resolutionMs + 1;
    if (this.list.some(isCovered)) return true;
    for (let endMs = firstMs; endMs <= lastMs; endMs += resolutionMs)
      if (!this.hidesWindow(deletions, endMs - resolutionMs, endMs)) return false;
    return true;
  }

  /** What is left of a series' samples in one segment; undefined when nothing is. */
  cut(segment: number, part: Part): Part | undefined {
    const { times, values } = part;
    const spans = this.#indexes(segment, times);
    if (spans.length === 0) return part;
    const kept: [from: number, end: number][] = [];
    let at = 0;
    for (const [from, end] of spans) {
      if (from > at) kept.push([at, from]);
      at = Math.max(at, end);
    }
    if (at < times.length) kept.push([at, times.length]);
    if (kept.length === 0) return undefined;
    if (kept.length === 1) {
      const [from, end] = kept[0]!;
      return { ...part, times: times.subarray(from, end), values: values.subarray(from, end) };
    }
    const length = kept.reduce((sum, [from, end]) => sum + end - from, 0);
    const left = { times: new Float64Array(length), values: new Float64Array(length) };
    let to = 0;
    for (const [from, end] of kept) {
      left.times.set(times.subarray(from, end), to);
      left.values.set(values.subarray(from, end), to);
      to += end - from;
    }
    return { ...part, ...left };
  }

  /** Whether a part has a sample that is hidden. */
  hides(segment: number, { times, values, holes }: Part): boolean {
    return this.#indexes(segment, times).some(([from, end]) => {
      if (!holes) return true;
      for (let i = from; i < end; i++) if (!isAbsent(values[i]!)) return true;
      return false;
    });
  }

  /** Ranges of hidden samples, by where they begin; they may overlap. */
  #indexes(segment: number, times: Float64Array): [from: number, end: number][] {
    const found: [number, number][] = [];
    for (const { fromMs, toMs, beforeSegment } of this.list) {
      if (segment >= beforeSegment) continue;
      const from = lowerBound(times, times.length, fromMs);
      const end = lowerBound(times, times.length, toMs, true);
      if (end > from) found.push([from, end]);
    }
    return found.length > 1 ? found.sort((a, b) => a[0] - b[0]) : found;
  }
}

/** All tombstones at one moment; immutable. */
export class TombstoneSet {
  static readonly NONE: TombstoneSet = new TombstoneSet(new Map(), new Map());
  readonly series: ReadonlyMap<SeriesRef, HiddenSpans>;
  /** By the key of the series' labels. */
  readonly exemplars: ReadonlyMap<string, HiddenExemplars>;

  constructor(series: ReadonlyMap<SeriesRef, HiddenSpans>, exemplars: ReadonlyMap<string, HiddenExemplars>) {
    this.series = series;
    this.exemplars = exemplars;
  }

  get isEmpty(): boolean {
    return this.series.size === 0 && this.exemplars.size === 0;
  }

  /** Tombstones of samples. */
  get count(): number {
    let sum = 0;
    for (const { list } of this.series.values()) sum += list.length;
    return sum;
  }

  of(ref: SeriesRef): HiddenSpans | undefined {
    return this.series.size === 0 ? undefined : this.series.get(ref);
  }

  /** Whether an exemplar is deleted. */
  hidesExemplar(key: string, seq: number, timeMs: number): boolean {
    if (this.exemplars.size === 0) return false;
    const list = this.exemplars.get(key)?.list ?? [];
    return list.some(({ fromMs, toMs, upToSeq }) => seq <= upToSeq && timeMs >= fromMs && timeMs <= toMs);
  }

  /** Larger than the number of any segment that a tombstone holds for. */
  get beforeSegment(): number {
    let before = 0;
    for (const { list } of this.series.values())
      for (const { beforeSegment } of list) before = Math.max(before, beforeSegment);
    return before;
  }
}

/** The set that holds now; readers take it once for each answer. */
export interface Tombstones {
  current: TombstoneSet;
}
