/** Builds the groups that head.db learns: numbers what is new and remembers what the file has. */
import type { Labels, SeriesRef } from '@watchroom/model';
import { release } from '@watchroom/model/release';
import type { HeadTables } from './disk/head-file.ts';
import type { ExemplarBuffer } from './exemplars/exemplar-buffer.ts';
import { EXEMPLARS_PER_ROW, exemplarsRow } from './exemplars/exemplar-rows.ts';
import type { Head } from './head/head.ts';
import type { Segment } from './head/segment.ts';
import type { SeriesTable } from './head/series-table.ts';
import { FORM, packedBytes, packedForm, putPacked, type WalRecord } from './head/wal-record.ts';
import type { ColumnsRow, HeadGroup, SegmentRow, SeriesRow, WalRow } from './writer/protocol.ts';

/** Labels of fewer gone series than this are not worth a rewrite. */
const MIN_REWRITE = 1_000;
/** A larger buffer than this is not kept for the next group. */
const MAX_PACKING = 4 << 20;
/** Series whose labels stand in one row. */
const SERIES_PER_ROW = 500;

/** A segment whose block is in the chunk file of that number. */
export interface SealedSegment {
  readonly segment: Segment;
  readonly file: number;
}

export interface News {
  readonly records: readonly WalRecord[];
  /** Segments that are blocks by now. */
  readonly sealed: readonly SealedSegment[];
  readonly nowMs: number;
}

/** A group, which can be written any number of times, and what holds once it is in the file. */
export interface Prepared {
  readonly group: HeadGroup;
  written(): void;
}

interface Extension {
  readonly segment: Segment;
  readonly from: number;
  readonly end: number;
}

export class HeadNews {
  readonly #series: SeriesTable;
  readonly #head: Head;
  readonly #exemplars: ExemplarBuffer;
  /** Series that head.db has labels of. */
  #stored = 0;
  #seq = 0;
  #writtenSeq = 0;
  /** The newest exemplar in head.db. */
  #storedExemplar = 0;
  #nextSeries = 1;
  #nextColumns = 1;
  #packing = new Uint8Array(0);

  constructor(series: SeriesTable, head: Head, exemplars: ExemplarBuffer) {
    this.#series = series;
    this.#head = head;
    this.#exemplars = exemplars;
  }

  /** The newest number given to a write-ahead row. */
  get seq(): number {
    return this.#seq;
  }

  /** The newest row that is in the file. */
  get writtenSeq(): number {
    return this.#writtenSeq;
  }

  /** Whether exemplars have come that no group has taken. */
  get hasExemplars(): boolean {
    return this.#exemplars.lastSeq > this.#storedExemplar;
  }

  /** All exemplars in memory go to the file that is being written anew, or (`known`) are in the file. */
  exemplarsStored(known: boolean): void {
    this.#storedExemplar = known ? this.#exemplars.lastSeq : 0;
  }

  /** Numbers new rows after those that exist. */
  continueAfter(tables: HeadTables, seq: number): void {
    this.#seq = Math.max(this.#seq, seq, newestSeq(tables));
    this.#writtenSeq = this.#seq;
    this.#stored = this.#series.persisted.reduce((sum, known) => sum + known, 0);
    this.#nextSeries = Math.max(this.#nextSeries, Number(tables.series.at(-1)?.['at'] ?? 0) + 1);
    this.#nextColumns = Math.max(this.#nextColumns, Number(tables.columns.at(-1)?.['at'] ?? 0) + 1);
  }

  /** Takes a cut at the first step; later ones only turn labels into text. One group at a time: the one before is done with. */
  *prepare(news: News): Generator<void, Prepared, void> {
    const records = news.records.filter((record) => !record.segment.sealed);
    const extensions = extensionsOf(records);
    const segments: SegmentRow[] = [];
    const columns: ColumnsRow[] = [];
    for (const { segment, from, end } of extensions) {
      const { id, kind } = segment;
      if (from === 0)
        segments.push({
          id,
          loose: kind === 'loose',
          maxRows: segment.kind === 'grid' ? segment.maxRows : 0,
        });
      columns.push({
        id: this.#nextColumns++,
        segment: id,
        first: from,
        refs: segment.refs.slice(from, end),
      });
    }
    const rows = rowsOf(records);
    const wal = rows.map((row) => this.#walRow(row));
    const data = this.#packed(rows, wal);
    for (const { form, data: own } of records)
      if (form === FORM.dense) this.#head.values.give(new Float64Array(own.buffer));
    const forget = news.sealed.map(({ segment, file }) => {
      const { id, walRows, oldestMs: minMs, newestMs: maxMs } = segment;
      return { segment: id, rows: [...walRows], block: { file, segment: id, minMs, maxMs } };
    });
    const exemplars = this.#exemplars.after(this.#storedExemplar, EXEMPLARS_PER_ROW);
    const newestExemplar = exemplars.at(-1)?.seq ?? this.#exemplars.lastSeq;
    const firstExemplar = this.#exemplars.firstSeq;
    const fresh = this.#newSeries(extensions);
    const kept = this.#stored + fresh.length > MIN_REWRITE ? this.#keptSeries() : undefined;
    const series = yield* this.seriesRows(kept ?? fresh);
    const onlySeries = kept !== undefined;
    const seq = this.#seq;
    return {
      group: {
        series,
        onlySeries,
        segments,
        columns,
        wal,
        data,
        forget,
        exemplars: exemplars.length > 0 ? [exemplarsRow(exemplars)] : [],
        firstExemplar,
        seq,
        nowMs: news.nowMs,
      },
      written: () => {
        this.#writtenSeq = seq;
        rows.forEach(([record], i) => {
          record!.segment.walRows.push(wal[i]!.seq);
        });
        for (const { segment, end } of extensions) segment.persistedColumns = end;
        this.#storedExemplar = Math.max(this.#storedExemplar, newestExemplar);
        if (kept) this.#series.persisted.fill(0);
        for (const [ref] of kept ?? fresh) this.#series.persisted[ref] = 1;
        this.#stored = kept ? kept.length : this.#stored + fresh.length;
      },
    };
  }

  /** One step per row. */
  *seriesRows(series: readonly (readonly [SeriesRef, Labels])[]): Generator<void, SeriesRow[], void> {
    const rows: SeriesRow[] = [];
    for (let i = 0; i < series.length; i += SERIES_PER_ROW) {
      const some = series.slice(i, i + SERIES_PER_ROW);
      const data = JSON.stringify(some.map(([ref, labels]) => [ref, labels.names, labels.values]));
      rows.push({ id: this.#nextSeries++, data });
      yield;
    }
    return rows;
  }

  /** The series that segments in memory name, when head.db has many others by now. */
  #keptSeries(): (readonly [SeriesRef, Labels])[] | undefined {
    let columns = 0;
    for (const segment of this.#head.segments) columns += segment.columns;
    if (this.#stored <= 1.5 * columns + MIN_REWRITE) return undefined;
    const kept = new Map<SeriesRef, Labels>();
    for (const { refs, columns: count } of this.#head.segments) {
      for (const ref of refs.subarray(0, count)) {
        const labels = this.#series.labels[ref];
        if (labels) kept.set(ref, labels);
      }
    }
    return [...kept];
  }

  #walRow(records: readonly WalRecord[]): WalRow {
    const { segment, timeMs, form, data } = records[0]!;
    const seq = ++this.#seq;
    if (records.length === 1) return { seq, segment: segment.id, timeMs, form, bytes: data.length };
    let [oldestMs, newestMs, bytes] = [timeMs, timeMs, 0];
    for (const record of records) {
      oldestMs = Math.min(oldestMs, record.timeMs);
      newestMs = Math.max(newestMs, record.timeMs);
      bytes += packedBytes(record);
    }
    return { seq, segment: segment.id, timeMs: newestMs, form: packedForm(newestMs - oldestMs), bytes };
  }

  /** What all rows hold, in a buffer that is written over by the group after this one. */
  #packed(rows: readonly (readonly WalRecord[])[], wal: readonly WalRow[]): Uint8Array<ArrayBuffer> {
    const length = wal.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#packing.length < length || this.#packing.length > MAX_PACKING) {
      const room = length > MAX_PACKING ? length : Math.min(MAX_PACKING, length * 2);
      release(this.#packing);
      this.#packing = new Uint8Array(room);
    }
    const data = this.#packing.subarray(0, length);
    let at = 0;
    for (const row of rows) {
      if (row.length > 1) for (const record of row) at = putPacked(data, at, record);
      else {
        data.set(row[0]!.data, at);
        at += row[0]!.data.length;
      }
    }
    return data;
  }

  /** Series that the new columns name and head.db does not know yet. */
  #newSeries(extensions: readonly Extension[]): (readonly [SeriesRef, Labels])[] {
    const fresh = new Map<SeriesRef, Labels>();
    for (const { segment, from, end } of extensions) {
      for (let column = from; column < end; column++) {
        const ref = segment.refs[column]!;
        const labels = this.#series.labels[ref];
        if (labels && !this.#series.persisted[ref]) fresh.set(ref, labels);
      }
    }
    return [...fresh];
  }
}

/** The newest number of a write-ahead row that a file tells of. */
export function newestSeq(tables: HeadTables): number {
  const meta = tables.meta.find((row) => row['key'] === 'seq');
  return Math.max(Number(meta?.['value'] ?? 0), Number(tables.wal.at(-1)?.['at'] ?? 0));
}

/** Takes a generator to its end at once. */
export function finish<T>(steps: Generator<void, T, void>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function extensionsOf(records: readonly WalRecord[]): Extension[] {
  const segments = new Set(records.map((record) => record.segment));
  return [...segments]
    .filter((segment) => segment.persistedColumns < segment.columns)
    .map((segment) => ({ segment, from: segment.persistedColumns, end: segment.columns }));
}

/** Records of one segment share a row, at the place of the first. */
function rowsOf(records: readonly WalRecord[]): readonly (readonly WalRecord[])[] {
  const bySegment = new Map<Segment, WalRecord[]>();
  for (const record of records) {
    const row = bySegment.get(record.segment);
    if (row) row.push(record);
    else bySegment.set(record.segment, [record]);
  }
  return [...bySegment.values()];
}
