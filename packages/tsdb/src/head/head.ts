/**
 * The samples that are not yet in blocks. Every commit goes into segments here and becomes visible at once; what the
 * disk must learn about it comes back as write-ahead records, which on replay go through `replay` to the same cells.
 */
import type { Clock, SeriesRef } from '@watchroom/model';
import { isAbsent, isHistogram } from '../chunk/absent.ts';
import type { HiddenSpans } from '../deletion/tombstones.ts';
import { addPart } from './add-part.ts';
import { type LateSamples, placesByTime } from './late-samples.ts';
import { rectangleOf } from './rectangle.ts';
import { rowRecord } from './row-record.ts';
import { GridSegment, LooseSegment, type Part, rowsFor, type Segment, staggered } from './segment.ts';
import type { SeriesTable } from './series-table.ts';
import { ValuesPool } from './values-pool.ts';
import {
  denseRecord,
  looseRecord,
  type RecordContent,
  sparseRecord,
  type WalRecord,
  withHistograms,
} from './wal-record.ts';

/** A commit of fewer new series than this does not open a grid of its own. */
const GRID_COLUMNS = 8;
/** A segment that nothing was written to for so long, or that is so old, is closed. */
const IDLE_CLOSE_MS = 10 * 60_000;
export const AGE_CLOSE_MS: number = 2 * 3_600_000;
/** A write-ahead row without its samples. */
const ROW_BYTES = 64;
/** The labels of a series on disk, about. */
const LABELS_BYTES = 160;
const IDLE_SHED_MS = 5_000;

/**
 * One commit: `times` is undefined when all samples have `timeMs`. The values belong to the head from here on; the other arrays
 * are used again by whoever gave them.
 */
export interface Batch {
  readonly refs: Uint32Array;
  readonly values: Float64Array;
  readonly times: Float64Array | undefined;
  readonly timeMs: number;
  readonly count: number;
  /** Histograms by series and time; their values are the mark. */
  readonly histograms?: ReadonlyMap<SeriesRef, ReadonlyMap<number, Uint8Array>> | undefined;
  /** Samples before their series' newest, not among `count`. */
  readonly late?: LateSamples | undefined;
}

export class Head {
  readonly #series: SeriesTable;
  readonly #clock: Clock;
  readonly #chunkRows: number;
  /** For appenders. */
  readonly values: ValuesPool = new ValuesPool(8 << 20);
  readonly #cells = { plain: new ValuesPool(32 << 20), packed: new ValuesPool(16 << 20, 1.25) };
  readonly #segments = new Set<Segment>();
  /** Segments other than the current one (and those it follows) that hold samples of a series. */
  readonly #strays = new Map<SeriesRef, Segment[]>();
  #loose: LooseSegment | undefined;
  /** Takes late samples; no series has it as its current one. */
  #late: LooseSegment | undefined;
  #nextId = 1;

  constructor(series: SeriesTable, clock: Clock, chunkRows: number) {
    this.#series = series;
    this.#clock = clock;
    this.#chunkRows = chunkRows;
  }

  get segments(): ReadonlySet<Segment> {
    return this.#segments;
  }

  get samples(): number {
    let sum = 0;
    for (const segment of this.#segments) sum += segment.samples;
    return sum;
  }

  get bytes(): number {
    let sum = 0;
    for (const segment of this.#segments) sum += segment.bytes;
    return sum;
  }

  /** Segment ids at or below this have been used. */
  reserveIds(upTo: number): void {
    this.#nextId = Math.max(this.#nextId, upTo + 1);
  }

  /** What comes late from now on goes to segments with this number or a larger one; no two calls give the same. */
  cutLate(): number {
    if (this.#late) this.#close(this.#late);
    return ++this.#nextId;
  }

  /** No more samples for this segment: it is to become a block. */
  close(segment: Segment): void {
    if (!segment.closed) this.#close(segment);
  }

  /** Takes a commit in; gives the records that the disk needs to repeat it. */
  apply(batch: Batch): WalRecord[] {
    const { refs, values, timeMs, count, times, late } = batch;
    let records: WalRecord[] = [];
    if (count > 0)
      records = times ? this.#applyMixed(batch, times) : this.#applyRow(refs, values, timeMs, count);
    if (late) records = [...records, ...this.#applyLate(late)];
    const { histograms } = batch;
    if (histograms) records = records.map((record) => putHistograms(record, histograms));
    for (const { segment, data } of records) segment.walBytes += ROW_BYTES + data.length;
    return records;
  }

  /**
   * Closes open segments when what the disk holds for them is more than `maxBytes`: first those that are idle, as they
   * keep the labels of series that may be gone, then the largest.
   */
  shed(maxBytes: number): void {
    const idleSince = this.#clock.monotonic() - IDLE_SHED_MS;
    const open: { segment: Segment; idle: boolean; bytes: number }[] = [];
    let total = 0;
    for (const segment of this.#segments) {
      if (segment.closed || segment.samples === 0) continue;
      const idle = segment.touchedAtMs < idleSince;
      const bytes = segment.walBytes + (idle ? segment.columns * LABELS_BYTES : 0);
      open.push({ segment, idle, bytes });
      total += bytes;
    }
    if (total <= maxBytes) return;
    open.sort((a, b) => Number(b.idle) - Number(a.idle) || b.bytes - a.bytes);
    for (const { segment, bytes } of open) {
      if (total <= maxBytes / 2) return;
      total -= bytes;
      this.#close(segment);
    }
  }

  /** Segments to be written as blocks, closing those whose time has come. */
  closable(): Segment[] {
    const now = this.#clock.monotonic();
    const ready: Segment[] = [];
    for (const segment of this.#segments) {
      if (segment.closed) ready.push(segment);
      else if (segment.samples > 0 && isDue(segment, now)) ready.push(this.#close(segment));
    }
    return ready;
  }

  /** Forgets a segment whose samples can be read elsewhere now. */
  drop(segment: Segment): void {
    segment.sealed = true;
    if (segment.kind === 'grid') segment.release();
    this.#segments.delete(segment);
    this.#leave(segment);
    for (const other of this.#segments)
      if (other.kind === 'grid' && other.previous === segment) other.previous = undefined;
    for (let column = 0; column < segment.columns; column++) {
      const ref = segment.refs[column]!;
      if (this.#series.segmentOf[ref] === segment) this.#series.segmentOf[ref] = undefined;
      const strays = this.#strays.get(ref);
      const kept = strays?.filter((other) => other !== segment);
      if (kept?.length === 0) this.#strays.delete(ref);
      else if (kept) this.#strays.set(ref, kept);
    }
  }

  /** Whether memory holds samples of the series, or a place for its next one. */
  holds(ref: SeriesRef): boolean {
    return this.#series.segmentOf[ref] !== undefined || this.#strays.has(ref);
  }

  /** The series with samples outside their current segment and those that one follows. */
  get strays(): ReadonlyMap<SeriesRef, readonly Segment[]> {
    return this.#strays;
  }

  /** Adds the places in memory where a series has samples in the range. */
  parts(ref: SeriesRef, startMs: number, endMs: number, into: Part[], hidden?: HiddenSpans): void {
    const hint = this.#series.columnOf[ref]!;
    let segment: Segment | undefined = this.#series.segmentOf[ref];
    while (segment) {
      addPart(segment, ref, hint, { startMs, endMs }, into, hidden);
      segment = segment.kind === 'grid' ? segment.previous : undefined;
    }
    const strays = this.#strays.get(ref);
    if (strays) for (const stray of strays) addPart(stray, ref, -1, { startMs, endMs }, into, hidden);
  }

  /** Recreates a segment from disk; `columns` are about to come. */
  restoreSegment(id: number, loose: boolean, maxRows: number, columns: number): Segment {
    this.reserveIds(id);
    const now = this.#clock.monotonic();
    const segment = loose
      ? new LooseSegment(id, now)
      : new GridSegment(id, now, maxRows, columns, this.#cells);
    this.#segments.add(segment);
    return segment;
  }

  /** Recreates the next column of a restored segment; the newest segment of a series takes its next samples. */
  restoreColumn(segment: Segment, ref: SeriesRef): void {
    this.#assign(ref, segment, segment.addColumn(ref));
    segment.persistedColumns = segment.columns;
  }

  /** Records of everything in memory, for a file that knows nothing yet. */
  dump(): WalRecord[] {
    const records: WalRecord[] = [];
    for (const segment of this.#segments) {
      segment.persistedColumns = 0;
      segment.walRows.length = 0;
      for (const record of segment.dump())
        records.push(withHistograms(record, (column) => segment.histograms?.get(column, record.timeMs)));
    }
    return records;
  }

  /**
   * Puts a record's samples back where they were, but for columns whose series are known to be lost. False when some have no place.
   */
  replay(segment: Segment, timeMs: number, { columns, values, histograms }: RecordContent): boolean {
    let [histogram, isWhole] = [0, true];
    const row = segment.kind === 'grid' ? segment.rowFor(timeMs) : -1;
    if (segment.kind === 'grid' && row < 0) return false;
    segment.walBytes += ROW_BYTES + values.byteLength + (columns?.byteLength ?? 0);
    for (let i = 0; i < values.length; i++) {
      const column = columns ? columns[i]! : i;
      const value = values[i]!;
      const bytes = isHistogram(value) ? histograms[histogram++] : undefined;
      if (column >= segment.columns) isWhole &&= isAbsent(value);
      if (column >= segment.columns || segment.refs[column] === 0 || isAbsent(value)) continue;
      if (segment.kind === 'loose') segment.push(column, timeMs, value);
      else segment.put(column, row, value);
      if (bytes) segment.putHistogram(column, timeMs, bytes);
      const ref = segment.refs[column]!;
      if (this.#series.saw(ref, timeMs, value) && bytes) this.#series.lastHistogram.set(ref, bytes);
    }
    return isWhole;
  }

  /** After replay: segments that no series writes to any more are closed, and the newest loose one goes on. */
  resume(): void {
    const inUse = new Set(this.#series.segmentOf);
    for (const segment of this.#segments) {
      if (!inUse.has(segment)) this.#close(segment);
      if (segment.closed) continue;
      if (segment.kind === 'loose') {
        if (this.#loose) this.#close(this.#loose);
        this.#loose = segment;
      }
    }
  }

  #applyMixed(batch: Batch, times: Float64Array): WalRecord[] {
    const records: WalRecord[] = [];
    const rectangle = rectangleOf(batch, times, this.values);
    if (rectangle && rectangle.refs.length >= GRID_COLUMNS) {
      const { refs, times: rows } = rectangle;
      rows.forEach((timeMs, row) => {
        records.push(...this.#applyRow(refs, rectangle.row(row), timeMs, refs.length));
      });
      return records;
    }
    for (const [timeMs, places] of placesByTime(times, batch.count)) {
      const refs = Uint32Array.from(places, (i) => batch.refs[i]!);
      const values = copyOf(batch.values, places);
      if (places.length >= GRID_COLUMNS) records.push(...this.#applyRow(refs, values, timeMs, places.length));
      else records.push(this.#applyLoose(refs, values, timeMs, places.length));
    }
    return records;
  }

  #applyRow(refs: Uint32Array, values: Float64Array, timeMs: number, count: number): WalRecord[] {
    let home = this.#homeOf(refs, count);
    if (home && timeMs > home.newestMs && (home.full || home.sparse)) home = this.#roll(home);
    if (!home && count >= GRID_COLUMNS) home = this.#newGrid(count, true);
    if (!home) return this.#elsewhere(refs, values, timeMs, count);
    const isNew = timeMs > home.newestMs;
    const row = home.rowFor(timeMs);
    if (row < 0) return this.#elsewhere(refs, values, timeMs, count);
    home.touchedAtMs = this.#clock.monotonic();
    if (isNew && this.#areFirst(home, refs, count)) {
      home.fillRow(row, values, count);
      return [denseRecord(home, timeMs, values.subarray(0, count))];
    }
    const away: number[] = [];
    const columns = new Uint32Array(count);
    let placed = 0;
    let aligned = true;
    for (let i = 0; i < count; i++) {
      const ref = refs[i]!;
      const column = this.#join(home, ref);
      if (column < 0 || !home.put(column, row, values[i]!)) {
        away.push(i);
        aligned = false;
        continue;
      }
      if (column !== i) aligned = false;
      columns[placed++] = column;
    }
    const records = rowRecord(home, row, timeMs, columns, placed, aligned ? values : undefined);
    if (away.length === 0) return records;
    const rest = this.#elsewhere(
      Uint32Array.from(away, (i) => refs[i]!),
      copyOf(values, away),
      timeMs,
      away.length,
    );
    return [...records, ...rest];
  }

  /** Whether the series are written to the first columns of a grid, in that order: as those of one target nearly always are. */
  #areFirst(home: GridSegment, refs: Uint32Array, count: number): boolean {
    if (count > home.columns) return false;
    const { segmentOf } = this.#series;
    const { refs: ofColumn } = home;
    for (let i = 0; i < count; i++) if (ofColumn[i] !== refs[i] || segmentOf[refs[i]!] !== home) return false;
    return true;
  }

  /** Samples that do not fit into one row: each goes to its own series' grid when it has a row, else it is loose. */
  #elsewhere(refs: Uint32Array, values: Float64Array, timeMs: number, count: number): WalRecord[] {
    const records: WalRecord[] = [];
    const loose: number[] = [];
    for (let i = 0; i < count; i++) {
      const ref = refs[i]!;
      let grid = this.#series.segmentOf[ref];
      if (grid?.kind === 'grid' && !grid.closed && grid.full && timeMs > grid.newestMs) {
        this.#roll(grid);
        grid = this.#series.segmentOf[ref];
      }
      const row = grid?.kind === 'grid' && !grid.closed ? grid.rowFor(timeMs) : -1;
      const column = this.#series.columnOf[ref]!;
      if (grid?.kind !== 'grid' || row < 0 || !grid.put(column, row, values[i]!)) {
        loose.push(i);
        continue;
      }
      grid.touchedAtMs = this.#clock.monotonic();
      records.push(sparseRecord(grid, timeMs, Uint32Array.of(column), values.slice(i, i + 1)));
    }
    if (loose.length === 0) return records;
    const looseRefs = Uint32Array.from(loose, (i) => refs[i]!);
    records.push(this.#applyLoose(looseRefs, copyOf(values, loose), timeMs, loose.length));
    return records;
  }

  #applyLoose(refs: Uint32Array, values: Float64Array, timeMs: number, count: number): WalRecord {
    const segment = this.#openLoose();
    const columns = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const ref = refs[i]!;
      let column = this.#series.columnOf[ref]!;
      if (this.#series.segmentOf[ref] !== segment) {
        column = segment.columnFor(ref, -1);
        if (column < 0) column = segment.addColumn(ref);
        this.#assign(ref, segment, column);
      }
      segment.push(column, timeMs, values[i]!);
      columns[i] = column;
    }
    segment.touchedAtMs = this.#clock.monotonic();
    return looseRecord(segment, timeMs, columns, values.subarray(0, count));
  }

  /** Beside the segments that series are being written to, so that these stay in order. */
  #applyLate(late: LateSamples): WalRecord[] {
    if (this.#late?.full) this.#close(this.#late);
    this.#late ??= this.#track(new LooseSegment(this.#nextId++, this.#clock.monotonic()));
    const segment = this.#late;
    segment.touchedAtMs = this.#clock.monotonic();
    return placesByTime(late.times, late.count).map(([timeMs, places]) => {
      const columns = Uint32Array.from(places, (i) => this.#lateColumn(segment, late.refs[i]!));
      const values = copyOf(late.values, places);
      for (let k = 0; k < places.length; k++) segment.push(columns[k]!, timeMs, values[k]!);
      return looseRecord(segment, timeMs, columns, values);
    });
  }

  #lateColumn(segment: LooseSegment, ref: SeriesRef): number {
    const known = segment.columnFor(ref, -1);
    if (known >= 0) return known;
    const strays = this.#strays.get(ref);
    if (strays) strays.push(segment);
    else this.#strays.set(ref, [segment]);
    return segment.addColumn(ref);
  }

  #homeOf(refs: Uint32Array, count: number): GridSegment | undefined {
    for (let i = 0; i < count; i++) {
      const segment = this.#series.segmentOf[refs[i]!];
      if (segment?.kind === 'grid' && !segment.closed) return segment;
    }
    return undefined;
  }

  /** The series' column in `home`, or -1 when the series is being written in another grid. */
  #join(home: GridSegment, ref: SeriesRef): number {
    const current = this.#series.segmentOf[ref];
    if (current === home) return this.#series.columnOf[ref]!;
    if (current?.kind === 'grid' && !current.closed) return -1;
    const before = current !== undefined || this.#strays.has(ref);
    let column = before ? home.columnFor(ref, -1) : -1;
    if (column < 0) column = home.addColumn(ref);
    this.#assign(ref, home, column);
    return column;
  }

  #assign(ref: SeriesRef, segment: Segment, column: number): void {
    const before = this.#series.segmentOf[ref];
    if (before && before !== segment) this.#stray(ref, before);
    const strays = this.#strays.get(ref);
    if (strays?.includes(segment)) {
      const kept = strays.filter((other) => other !== segment);
      if (kept.length > 0) this.#strays.set(ref, kept);
      else this.#strays.delete(ref);
    }
    this.#series.segmentOf[ref] = segment;
    this.#series.columnOf[ref] = column;
  }

  #stray(ref: SeriesRef, segment: Segment): void {
    const strays = this.#strays.get(ref) ?? [];
    this.#strays.set(ref, strays);
    for (let at: Segment | undefined = segment; at; at = at.kind === 'grid' ? at.previous : undefined)
      if (!strays.includes(at)) strays.push(at);
  }

  #newGrid(columns: number, isFirst: boolean): GridSegment {
    const now = this.#clock.monotonic();
    const whole = rowsFor(this.#chunkRows, this.#series.size);
    const rows = isFirst ? staggered(whole, this.#nextId) : whole;
    return this.#track(new GridSegment(this.#nextId++, now, rows, columns, this.#cells));
  }

  /** Starts the segment that follows a full one, with the series that are still alive. */
  #roll(full: GridSegment): GridSegment {
    full.closed = true;
    const next = this.#newGrid(full.columns, false);
    next.previous = full;
    for (let column = 0; column < full.columns; column++) {
      const ref = full.refs[column]!;
      if (this.#series.segmentOf[ref] !== full) continue;
      if (!full.isAlive(column)) {
        this.#series.segmentOf[ref] = undefined;
        this.#stray(ref, full);
        continue;
      }
      this.#series.segmentOf[ref] = next;
      this.#series.columnOf[ref] = next.addColumn(ref);
    }
    return next;
  }

  #openLoose(): LooseSegment {
    const current = this.#loose;
    if (current && !current.full) return current;
    if (current) this.#close(current);
    this.#loose = this.#track(new LooseSegment(this.#nextId++, this.#clock.monotonic()));
    return this.#loose;
  }

  #close(segment: Segment): Segment {
    segment.closed = true;
    this.#leave(segment);
    return segment;
  }

  #leave(segment: Segment): void {
    if (this.#loose === segment) this.#loose = undefined;
    if (this.#late === segment) this.#late = undefined;
  }

  #track<T extends Segment>(segment: T): T {
    this.#segments.add(segment);
    return segment;
  }
}

/** Puts the histograms behind a record's marks into its segment and its data. */
function putHistograms(record: WalRecord, histograms: NonNullable<Batch['histograms']>): WalRecord {
  const { segment, timeMs } = record;
  return withHistograms(record, (column) => {
    const bytes = histograms.get(segment.refs[column]!)?.get(timeMs);
    if (bytes) segment.putHistogram(column, timeMs, bytes);
    return bytes;
  });
}

function isDue(segment: Segment, nowMs: number): boolean {
  return nowMs - segment.touchedAtMs > IDLE_CLOSE_MS || nowMs - segment.createdAtMs > AGE_CLOSE_MS;
}

function copyOf(values: Float64Array, places: readonly number[]): Float64Array {
  const copy = new Float64Array(places.length);
  for (let k = 0; k < places.length; k++) copy[k] = values[places[k]!]!;
  return copy;
}
