/**
 * Writes a chunk file anew without what is deleted. Blocks that nothing is deleted in are copied as they are; of the others
 * the samples that are left, under the series that still have some. The original is only read.
 */
import { crc32, zstdDecompressSync } from 'node:zlib';
import type { Labels } from '@watchroom/model';
import { fillAbsent, isAbsent, isHistogram } from '../chunk/absent.ts';
import { packSlice, type SegmentColumns, SLICE_COLUMNS, Slice, writeSlice } from '../chunk/slice.ts';
import { BLOCKS, isIntactSlice, LAYOUTS, SLICES_PER_BLOCK } from '../disk/chunk-file.ts';
import { ChunkWriter, type NewBlock } from '../disk/chunk-writer.ts';
import { hashOf, layoutText, unpackLayout } from '../disk/layout.ts';
import { openForReading, type Row } from '../disk/sqlite.ts';
import type { Part } from '../head/segment.ts';
import { finish } from '../head-news.ts';
import { encodeHistogram } from '../histogram/codec.ts';
import { syncPath } from '../snapshot/snapshot-files.ts';
import { HiddenSpans, type Tombstone } from './tombstones.ts';

export interface RewriteRequest {
  readonly path: string;
  /** The new file; there is none yet. */
  readonly target: string;
  /** By the key of the series' labels. */
  readonly hidden: ReadonlyMap<string, readonly Tombstone[]>;
}

export interface Rewritten {
  /** Blocks in the new file; without any, there is no file. */
  readonly blocks: number;
  /** Segments whose blocks are gone. */
  readonly dropped: readonly number[];
  /** Samples that are not in the new file. */
  readonly samples: number;
}

interface StoredLayout {
  readonly text: string;
  readonly hash: string;
  readonly series: readonly Labels[];
  readonly hidden: readonly (HiddenSpans | undefined)[];
}

/** Throws when the file is damaged, as a copy would make the damage look sound. */
export function rewriteFile({ path, target, hidden }: RewriteRequest): Rewritten {
  const spans = new Map(Array.from(hidden, ([key, list]) => [key, new HiddenSpans(list)]));
  const source = openForReading(path);
  const writer = new ChunkWriter(target);
  const dropped: number[] = [];
  let [blocks, samples] = [0, 0];
  try {
    const layouts = new Map<number, StoredLayout>();
    for (const row of source.prepare(LAYOUTS('ASC')).iterate())
      layouts.set(Number(row['at']), layoutOf(row, spans));
    const getSlice = source.prepare('SELECT data, crc FROM slices WHERE id = ?');
    for (const row of source.prepare(BLOCKS('ASC')).iterate()) {
      const layout = layouts.get(Number(row['layout']));
      if (!layout) throw new Error(`block ${row['at']} has no readable layout`);
      const slices: Uint8Array[] = [];
      for (let i = 0; i * SLICE_COLUMNS < layout.series.length; i++) {
        const id = Number(row['at']) * SLICES_PER_BLOCK + i;
        const fits = (data: Uint8Array, crc: unknown) => isIntactSlice(id, data, crc);
        slices.push(intact(getSlice.get(id), `block ${row['at']}, slice ${i}`, fits));
      }
      const block = rewrittenBlock(row, layout, slices);
      samples += Number(row['samples']) - (block?.samples ?? 0);
      if (!block) dropped.push(Number(row['segment']));
      else {
        writer.append(block);
        blocks++;
      }
    }
  } finally {
    source.close();
    writer.finish('alone');
    syncPath(target);
  }
  return { blocks, dropped, samples };
}

function layoutOf(row: Row, spans: ReadonlyMap<string, HiddenSpans>): StoredLayout {
  const packed = intact({ data: row['series']!, crc: row['crc']! }, `layout ${row['at']}`, isCrc);
  const series = unpackLayout(packed);
  const hidden = series.map((labels) => spans.get(labels.key));
  return { text: zstdDecompressSync(packed).toString(), hash: String(row['hash']), series, hidden };
}

function isCrc(data: Uint8Array, crc: unknown): boolean {
  return crc32(data) === crc;
}

function intact(row: Row | undefined, what: string, fits: typeof isCrc): Uint8Array {
  const data = row?.['data'];
  if (!(data instanceof Uint8Array)) throw new Error(`${what} is missing`);
  if (!fits(data, row?.['crc'])) throw new Error(`${what}: the checksum does not fit`);
  return data;
}

/** Undefined when nothing is left of it. */
function rewrittenBlock(row: Row, layout: StoredLayout, slices: readonly Uint8Array[]): NewBlock | undefined {
  const [segment, minMs, maxMs] = [Number(row['segment']), Number(row['min_ms']), Number(row['max_ms'])];
  const { text, hash, series, hidden } = layout;
  const same = { segment, hash, text, minMs, maxMs, samples: Number(row['samples']), slices };
  if (!hidden.some((own) => own?.touches(segment, minMs, maxMs))) return same;
  const opened = slices.map((bytes) => new Slice(packSlice(bytes)));
  const parts = series.map((_, column) =>
    opened[Math.floor(column / SLICE_COLUMNS)]!.part(column % SLICE_COLUMNS),
  );
  if (!parts.some((part, column) => hidden[column]?.hides(segment, part))) return same;
  const kept = series.flatMap((labels, column) => {
    const part = hidden[column] ? hidden[column].cut(segment, parts[column]!) : parts[column];
    return part && hasSamples(part) ? [{ labels, part }] : [];
  });
  if (kept.length === 0) return undefined;
  const left = kept.map(({ part }) => part);
  const columns = opened[0]!.sharedTimes ? gridOf(left) : looseOf(left);
  const fresh: Uint8Array[] = [];
  for (let column = 0; column < columns.columns; column += SLICE_COLUMNS)
    fresh.push(writeSlice(columns, column));
  const freshText = finish(layoutText(kept.map(({ labels }) => labels)));
  return { ...tallyOf(left), segment, hash: hashOf(freshText), text: freshText, slices: fresh };
}

function hasSamples({ values, holes }: Part): boolean {
  if (!holes) return values.length > 0;
  for (let i = 0; i < values.length; i++) if (!isAbsent(values[i]!)) return true;
  return false;
}

function tallyOf(parts: readonly Part[]): { minMs: number; maxMs: number; samples: number } {
  const tally = { minMs: Number.POSITIVE_INFINITY, maxMs: Number.NEGATIVE_INFINITY, samples: 0 };
  for (const { times, values } of parts) {
    for (let i = 0; i < times.length; i++) {
      if (isAbsent(values[i]!)) continue;
      tally.samples++;
      tally.minMs = Math.min(tally.minMs, times[i]!);
      tally.maxMs = Math.max(tally.maxMs, times[i]!);
    }
  }
  return tally;
}

/** One row per time that any series has a sample at. */
function gridOf(parts: readonly Part[]): SegmentColumns {
  const rowOf = new Map<number, number>();
  for (const { times, values } of parts)
    for (let i = 0; i < times.length; i++) if (!isAbsent(values[i]!)) rowOf.set(times[i]!, 0);
  const times = Float64Array.from(rowOf.keys()).sort();
  times.forEach((timeMs, row) => {
    rowOf.set(timeMs, row);
  });
  const rows = times.length;
  const cells = new Float64Array(parts.length * rows);
  fillAbsent(cells, 0, cells.length);
  parts.forEach((part, column) => {
    for (let i = 0; i < part.times.length; i++) {
      const row = rowOf.get(part.times[i]!);
      // From array to array, as a plain number may lose the bits of a NaN.
      if (row !== undefined) cells.set(part.values.subarray(i, i + 1), column * rows + row);
    }
  });
  const histograms = histogramsOf(parts);
  return { kind: 'grid', columns: parts.length, rows, times, cells, rowCapacity: rows, histograms };
}

function looseOf(parts: readonly Part[]): SegmentColumns {
  const data = parts.map(({ times, values }) => ({ times, values, count: times.length }));
  return { kind: 'loose', columns: parts.length, data, histograms: histogramsOf(parts) };
}

/** Encoded, by column, in the order of their marks. */
function histogramsOf(parts: readonly Part[]): Map<number, Uint8Array[]> {
  const found = new Map<number, Uint8Array[]>();
  parts.forEach(({ times, values, histograms }, column) => {
    if (!histograms) return;
    const encoded: Uint8Array[] = [];
    for (let i = 0; i < values.length; i++) {
      const histogram = isHistogram(values[i]!) ? histograms.at(times[i]!) : undefined;
      if (histogram) encoded.push(encodeHistogram(histogram));
    }
    if (encoded.length > 0) found.set(column, encoded);
  });
  return found;
}
