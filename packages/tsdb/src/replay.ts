/** The rows of head.db, and how they become a head again. */
import type { Labels, SeriesRef } from '@watchroom/model';
import { type HeadTables, isIntactColumns, isIntactWal, seriesText } from './disk/head-file.ts';
import { labelsOf } from './disk/layout.ts';
import type { Row } from './disk/sqlite.ts';
import type { ExemplarBuffer } from './exemplars/exemplar-buffer.ts';
import { restoreExemplars } from './exemplars/exemplar-rows.ts';
import type { Head } from './head/head.ts';
import type { Segment } from './head/segment.ts';
import type { SeriesTable } from './head/series-table.ts';
import { packedSpan, type RecordContent, readPacked, readRecord } from './head/wal-record.ts';

/** More is damage: the row has no checksum. */
const MAX_ROWS = 1_000_000;

export interface ReplayParts {
  readonly series: SeriesTable;
  readonly head: Head;
  readonly exemplars: ExemplarBuffer;
}

export interface ReplayDamage {
  readonly rows: number;
  readonly lostFromMs: number | undefined;
  readonly lostToMs: number | undefined;
}

/** Puts the rows of head.db back into segments; damaged rows are left out and reported. */
export class Replay {
  readonly #options: ReplayParts;
  readonly #refs = new Map<number, SeriesRef>();
  readonly #segments = new Map<number, Segment>();
  #bad = 0;
  #badFromMs = Number.POSITIVE_INFINITY;
  #badToMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReplayParts) {
    this.#options = options;
  }

  get storedSeries(): number {
    return this.#refs.size;
  }

  /** The ref in memory of one on disk; 0 when its labels are lost. */
  refOf(stored: number): SeriesRef {
    return this.#refs.get(stored) ?? 0;
  }

  series(tables: HeadTables): void {
    const stored: [SeriesRef, Labels][] = [];
    for (const row of tables.series) {
      const text = seriesText(row);
      const entries = text === undefined ? undefined : parseSeries(text);
      if (entries) stored.push(...entries);
      else this.#bad++;
    }
    const { series } = this.#options;
    for (const [onDisk, labels] of stored.sort((a, b) => a[0] - b[0])) {
      const ref = series.restore(onDisk, labels);
      if (ref === onDisk) series.persisted[ref] = 1;
      this.#refs.set(onDisk, ref);
    }
  }

  /** `sealed`: segments that are blocks, whose rows do not count. Gives what was damaged, if anything was. */
  run(tables: HeadTables, sealed: ReadonlySet<number>): ReplayDamage | undefined {
    const { head } = this.#options;
    for (const id of sealed) head.reserveIds(id);
    const columns = columnsBySegment(tables);
    for (const row of tables.segments) this.#segment(row, sealed, columns);
    for (const row of tables.columns) this.#columns(row);
    for (const row of tables.wal) this.#record(row, sealed);
    this.#bad += restoreExemplars(tables.exemplars, this.#options.exemplars);
    head.resume();
    if (this.#bad === 0) return undefined;
    return {
      rows: this.#bad,
      lostFromMs: Number.isFinite(this.#badFromMs) ? this.#badFromMs : undefined,
      lostToMs: Number.isFinite(this.#badToMs) ? this.#badToMs : undefined,
    };
  }

  #segment(row: Row, sealed: ReadonlySet<number>, columns: ReadonlyMap<number, number>): void {
    const id = Number(row['at']);
    const { head } = this.#options;
    head.reserveIds(id);
    if (sealed.has(id)) return;
    const maxRows = Math.min(MAX_ROWS, Math.max(1, Number(row['max_rows']) || 1));
    this.#segments.set(id, head.restoreSegment(id, row['loose'] === 1, maxRows, columns.get(id) ?? 0));
  }

  #columns(row: Row): void {
    const segment = this.#segments.get(Number(row['segment']));
    if (!segment) return;
    const refs = row['refs'];
    const intact = refs instanceof Uint8Array && isIntactColumns(row, refs);
    if (!intact || row['first'] !== segment.columns) {
      this.#bad++;
      return;
    }
    for (const stored of new Uint32Array(refs.slice().buffer)) {
      const ref = this.#refs.get(stored);
      // A column must keep its place even when the labels of its series are lost; 0 says that this is known.
      if (ref === undefined && stored !== 0) this.#bad++;
      this.#options.head.restoreColumn(segment, ref ?? 0);
    }
  }

  #record(row: Row, sealed: ReadonlySet<number>): void {
    const [id, timeMs, form] = [Number(row['segment']), Number(row['time']), Number(row['form'])];
    const segment = this.#segments.get(id);
    if (!segment && sealed.has(id)) return;
    const data = row['data'];
    const intact = data instanceof Uint8Array && isIntactWal(row, data);
    const records = intact && segment ? recordsOf(timeMs, form, data) : undefined;
    if (!segment || !records) {
      this.#bad++;
      this.#badFromMs = Math.min(this.#badFromMs, timeMs - (packedSpan(form) ?? 0));
      this.#badToMs = Math.max(this.#badToMs, timeMs);
      return;
    }
    for (const { timeMs: at, content } of records)
      if (!this.#options.head.replay(segment, at, content)) {
        this.#bad++;
        this.#badFromMs = Math.min(this.#badFromMs, at);
        this.#badToMs = Math.max(this.#badToMs, at);
      }
    segment.walRows.push(Number(row['at']));
  }
}

/** The records of a write-ahead row; undefined when it does not hold such. */
export function recordsOf(
  timeMs: number,
  form: number,
  data: Uint8Array,
): readonly { timeMs: number; content: RecordContent }[] | undefined {
  if (packedSpan(form) !== undefined) return readPacked(data);
  const content = readRecord(form, data);
  return content && [{ timeMs, content }];
}

function columnsBySegment(tables: HeadTables): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { segment, refs } of tables.columns) {
    const count = refs instanceof Uint8Array ? refs.length / 4 : 0;
    counts.set(Number(segment), (counts.get(Number(segment)) ?? 0) + Math.floor(count));
  }
  return counts;
}

/** The refs and labels of a row of `series`; undefined when the text is not that of one. */
export function parseSeries(data: string): [SeriesRef, Labels][] | undefined {
  try {
    const list: unknown = JSON.parse(data);
    if (!Array.isArray(list)) return undefined;
    return list.map((entry: unknown[]) => [Number(entry[0]), labelsOf(entry[1], entry[2]).interned()]);
  } catch {
    return undefined;
  }
}
