/** The rows of head.db, and how they become a head again. */
import type { SeriesRef } from '@watchroom/model';
import { type HeadTables, isIntactColumns, isIntactWal, seriesOf } from './disk/head-file.ts';
import type { SeriesList } from './disk/series-text.ts';
import type { Row } from './disk/sqlite.ts';
import type { ExemplarBuffer } from './exemplars/exemplar-buffer.ts';
import { restoreExemplars } from './exemplars/exemplar-rows.ts';
import { AGE_CLOSE_MS, type Head } from './head/head.ts';
import type { Segment } from './head/segment.ts';
import type { SeriesTable } from './head/series-table.ts';
import { packedSpan, type RecordContent, readPacked, readRecord } from './head/wal-record.ts';

/** More is damage: the row has no checksum. */
const MAX_ROWS = 1_000_000;
/** Rows before and behind a damaged one that tell when it was written. */
const NEAR_ROWS = 8;
/** Where there are none behind, and nobody knows when the last server was alive. */
const EDGE_MS = 60_000;

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
  /** By the ref on disk; 0 when its labels are lost. */
  #refs = new Uint32Array(0);
  #stored = 0;
  readonly #segments = new Map<number, Segment>();
  /** Segments with samples of series that are not known any more. */
  readonly #lacking = new Set<Segment>();
  #bad = 0;
  #badFromMs = Number.POSITIVE_INFINITY;
  #badToMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReplayParts) {
    this.#options = options;
  }

  get storedSeries(): number {
    return this.#stored;
  }

  /** The ref in memory of one on disk; 0 when its labels are lost. */
  refOf(stored: number): SeriesRef {
    return this.#refs[stored] ?? 0;
  }

  series(tables: HeadTables): void {
    const { series } = this.#options;
    const lists = inOrder(this.#lists(tables));
    this.#stored = lists.reduce((sum, { labels }) => sum + labels.length, 0);
    series.reserve(this.#stored);
    this.#refs = new Uint32Array((lists.at(-1)?.refs.at(-1) ?? 0) + 1);
    for (const { refs, labels } of lists) {
      for (let i = 0; i < labels.length; i++) {
        const onDisk = refs[i]!;
        const ref = series.restore(onDisk, labels[i]!);
        if (ref === onDisk) series.persisted[ref] = 1;
        this.#refs[onDisk] = ref;
      }
    }
  }

  #lists(tables: HeadTables): SeriesList[] {
    const lists: SeriesList[] = [];
    for (const row of tables.series) {
      const list = seriesOf(row);
      if (list) lists.push(list);
      else this.#bad++;
    }
    return lists;
  }

  /**
   * `sealed`: segments that are blocks, whose rows do not count; `aliveMs`: when the last server was, as far as that is known. Gives
   * what was damaged, if anything was.
   */
  run(tables: HeadTables, sealed: ReadonlySet<number>, aliveMs?: number): ReplayDamage | undefined {
    const { head } = this.#options;
    const { wal } = tables;
    for (const id of sealed) head.reserveIds(id);
    const columns = columnsBySegment(tables);
    for (const row of tables.segments) this.#segment(row, sealed, columns);
    for (const row of tables.columns) this.#columns(row);
    for (let at = 0; at < wal.length; at++) {
      if (isIntact(wal[at]!)) this.#record(wal[at]!, sealed);
      else this.#damaged(wal, at, aliveMs);
    }
    this.#bad += restoreExemplars(tables.exemplars, this.#options.exemplars);
    // Nothing of these is known any more. They are never written that way, and their rows are not to be found, and told of, once again.
    for (const segment of this.#segments.values()) if (segment.columns === 0) head.drop(segment);
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
    const refs = row['refs'];
    const intact = refs instanceof Uint8Array && isIntactColumns(row, refs);
    // Of a segment that is a block by now; one that only seems to be unknown shows in its write-ahead rows.
    if (intact && !segment) return;
    if (!intact || !segment || row['first'] !== segment.columns) {
      this.#bad++;
      if (segment) this.#lacking.add(segment);
      return;
    }
    for (const stored of new Uint32Array(refs.slice().buffer)) {
      const ref = this.refOf(stored);
      // A column must keep its place even when the labels of its series are lost; 0 says that this is known.
      if (ref === 0 && stored !== 0) {
        this.#bad++;
        this.#lacking.add(segment);
      }
      this.#options.head.restoreColumn(segment, ref);
    }
  }

  #record(row: Row, sealed: ReadonlySet<number>): void {
    const [id, timeMs, form] = [Number(row['segment']), Number(row['time']), Number(row['form'])];
    const segment = this.#segments.get(id);
    if (!segment && sealed.has(id)) return;
    const records = segment && recordsOf(timeMs, form, row['data'] as Uint8Array);
    if (!segment || !records) {
      this.#bad++;
      this.#lost(...spanOf(row));
      return;
    }
    for (const { timeMs: at, content } of records) {
      const isWhole = this.#options.head.replay(segment, at, content);
      if (!isWhole) this.#bad++;
      if (!isWhole || this.#lacking.has(segment)) this.#lost(at, at);
    }
    segment.walRows.push(Number(row['at']));
  }

  /**
   * The damage may be in its segment or its time as well as in its data: so it may be of any segment, also when it names one that is a
   * block, and what it says of its time counts only beside when it was written, which the rows around it tell.
   */
  #damaged(wal: readonly Row[], at: number, aliveMs: number | undefined): void {
    this.#bad++;
    const spans = (from: number, end: number) => wal.slice(from, end).filter(isIntact).map(spanOf);
    const before = spans(Math.max(0, at - NEAR_ROWS), at);
    const behind = spans(at + 1, at + 1 + NEAR_ROWS);
    const around = [...before, ...behind];
    if (around.length === 0 && aliveMs !== undefined) {
      this.#lost(aliveMs - AGE_CLOSE_MS, aliveMs);
      return;
    }
    const [ownFromMs, ownToMs] = spanOf(wal[at]!);
    if (around.length === 0) around.push([ownFromMs, ownToMs]);
    const fromMs = Math.min(...around.map(([from]) => from)) - (before.length > 0 ? 0 : AGE_CLOSE_MS);
    const lastMs = Math.max(...around.map(([, to]) => to));
    const toMs = behind.length > 0 ? lastMs : Math.max(lastMs, aliveMs ?? lastMs + EDGE_MS);
    this.#lost(fromMs, toMs);
    if (ownFromMs >= fromMs - AGE_CLOSE_MS && ownToMs <= toMs) this.#lost(ownFromMs, ownToMs);
  }

  /** A time that nobody knows, NaN, leaves the whole span unknown. */
  #lost(fromMs: number, toMs: number): void {
    this.#badFromMs = Math.min(this.#badFromMs, fromMs);
    this.#badToMs = Math.max(this.#badToMs, toMs);
  }
}

function isIntact(row: Row): boolean {
  const data = row['data'];
  return data instanceof Uint8Array && isIntactWal(row, data);
}

/** First and last time of a write-ahead row, as it says. */
function spanOf(row: Row): [fromMs: number, toMs: number] {
  const timeMs = Number(row['time']);
  return [timeMs - (packedSpan(Number(row['form'])) ?? 0), timeMs];
}

/** The records of a write-ahead row; undefined when it does not hold such. */
export function recordsOf(
  timeMs: number,
  form: number,
  data: Uint8Array,
): readonly { timeMs: number; content: RecordContent }[] | undefined {
  try {
    if (packedSpan(form) !== undefined) return readPacked(data);
    const content = readRecord(form, data);
    return content && [{ timeMs, content }];
  } catch {
    // A row that cannot be read is one that is lost, whatever is wrong; the others are not.
    return undefined;
  }
}

function columnsBySegment(tables: HeadTables): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { segment, refs } of tables.columns) {
    const count = refs instanceof Uint8Array ? refs.length / 4 : 0;
    counts.set(Number(segment), (counts.get(Number(segment)) ?? 0) + Math.floor(count));
  }
  return counts;
}

/** Lists whose refs ascend, from the first to the last: as they were written, unless a file was put together by hand. */
function inOrder(lists: readonly SeriesList[]): readonly SeriesList[] {
  let newest = -1;
  for (const { refs } of lists)
    for (const ref of refs) {
      if (ref < newest) return [sorted(lists)];
      newest = ref;
    }
  return lists;
}

function sorted(lists: readonly SeriesList[]): SeriesList {
  const all = lists.flatMap(({ refs, labels }) => refs.map((ref, i) => ({ ref, labels: labels[i]! })));
  all.sort((a, b) => a.ref - b.ref);
  return { refs: all.map(({ ref }) => ref), labels: all.map(({ labels }) => labels) };
}
