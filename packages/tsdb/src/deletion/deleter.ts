/** Deletes samples and exemplars: finds the series, writes their tombstones, and lets readers see them when they are on disk. */
import type { Matcher, SeriesRef, TimeRange } from '@watchroom/model';
import type { ExemplarBuffer } from '../exemplars/exemplar-buffer.ts';
import type { Head } from '../head/head.ts';
import type { SeriesTable } from '../head/series-table.ts';
import type { Pace } from '../pace.ts';
import type { Reader } from '../query/reader.ts';
import type { Rollups } from '../rollup/rollups.ts';
import type { Writer } from '../writer/client.ts';
import { tombstoneFrames } from './tombstone-file.ts';
import {
  type ExemplarTombstone,
  type HiddenExemplars,
  HiddenSpans,
  TombstoneSet,
  type Tombstones,
} from './tombstones.ts';

/** Series looked at in one step. */
const STEP = 256;
/** What a Date can hold; JSON has no infinity. */
const MAX_TIME_MS = 8_640_000_000_000_000;

export interface DeleterParts {
  readonly series: SeriesTable;
  readonly head: Head;
  readonly exemplars: ExemplarBuffer;
  readonly reader: Reader;
  readonly rollups: Rollups;
  readonly tombstones: Tombstones;
  readonly writer: Writer;
  readonly pace: Pace;
}

/** What a deletion hid. */
export interface Deleted {
  readonly series: number;
  readonly metricNames: ReadonlySet<string>;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Found {
  readonly samples: Map<SeriesRef, HiddenSpans>;
  readonly exemplars: Map<string, HiddenExemplars>;
  readonly metricNames: Set<string>;
  series: number;
  /** Series that lost exemplars. */
  hidden: number;
}

export class Deleter {
  readonly #parts: DeleterParts;

  constructor(parts: DeleterParts) {
    this.#parts = parts;
  }

  /** Rejects when the disk refuses, and then nothing is deleted. */
  async delete(matcherSets: readonly (readonly Matcher[])[], range: TimeRange): Promise<Deleted> {
    const { pace, tombstones } = this.#parts;
    const fromMs = Math.max(range.startMs, -MAX_TIME_MS);
    const toMs = Math.min(range.endMs, MAX_TIME_MS);
    const found = await pace.run(this.#find(matcherSets, { startMs: fromMs, endMs: toMs }));
    if (found.series + found.hidden > 0) {
      const next = new TombstoneSet(found.samples, found.exemplars);
      await this.store(next);
      tombstones.current = next;
    }
    return { series: found.series, metricNames: found.metricNames, fromMs, toMs };
  }

  /** Puts a set on disk in the place of the one there. */
  async store(set: TombstoneSet): Promise<void> {
    const { pace, writer, series } = this.#parts;
    const frames = await pace.run(tombstoneFrames(set, (ref) => series.labels[ref]));
    await writer.request({ kind: 'tombstones', frames });
  }

  /** Of a series whose raw samples are gone aggregates may be left. */
  #lastMs(ref: SeriesRef): number {
    const { series, rollups } = this.#parts;
    const lastMs = series.lastTime[ref]!;
    return lastMs > Number.NEGATIVE_INFINITY ? lastMs : rollups.lastMs(ref);
  }

  /** The set with the tombstones of what matches; series that are gone leave it. */
  *#find(matcherSets: readonly (readonly Matcher[])[], range: TimeRange): Generator<void, Found, void> {
    const { series, head, exemplars, reader, tombstones } = this.#parts;
    const { current } = tombstones;
    const beforeSegment = head.cutLate();
    const upToSeq = exemplars.lastSeq;
    const isKept = (hidden: ExemplarTombstone): boolean => hidden.upToSeq >= exemplars.firstSeq;
    const found: Found = {
      samples: new Map([...current.series].filter(([ref]) => series.labels[ref])),
      exemplars: new Map([...current.exemplars].filter(([, { list }]) => list.some(isKept))),
      metricNames: new Set(),
      series: 0,
      hidden: 0,
    };
    const isLive = reader.liveness(range);
    let seen = 0;
    for (const matchers of matcherSets) {
      // A copy, as series come while this goes on.
      for (const ref of [...series.index.find(matchers)]) {
        if (++seen % STEP === 0) yield;
        const labels = series.labels[ref];
        const toMs = Math.min(range.endMs, this.#lastMs(ref));
        if (!labels || toMs < range.startMs || !isLive(ref)) continue;
        const known = found.samples.get(ref) ?? new HiddenSpans([]);
        found.samples.set(ref, known.with({ fromMs: range.startMs, toMs, beforeSegment }));
        found.metricNames.add(labels.metricName);
        found.series++;
      }
      yield;
      for (const { labels } of exemplars.exemplars([matchers], range)) {
        const list = found.exemplars.get(labels.key)?.list ?? [];
        const added = { fromMs: range.startMs, toMs: range.endMs, upToSeq };
        found.exemplars.set(labels.key, { labels, list: [...list, added] });
        found.hidden++;
      }
    }
    return found;
  }
}
