/** Checks a chunk file; see docs/formats/store.md. */
import type { DatabaseSync } from 'node:sqlite';
import { crc32, zstdDecompressSync } from 'node:zlib';
import { isAbsent, isHistogram } from '../chunk/absent.ts';
import { packSlice, SLICE_COLUMNS, Slice } from '../chunk/slice.ts';
import {
  BLOCKS,
  isIntactBlock,
  isIntactSlice,
  LAYOUTS,
  SLICES,
  SLICES_PER_BLOCK,
} from '../disk/chunk-file.ts';
import { hashOf, unpackLayout } from '../disk/layout.ts';
import { messageOf, type Row } from '../disk/sqlite.ts';
import type { Part } from '../head/segment.ts';
import type { Report } from './verify.ts';

/** What the columns of a block came to. */
interface Tally {
  samples: number;
  minMs: number;
  maxMs: number;
}

/** Adds the segments that the file holds to `segments`; gives the number of blocks. */
export function verifyChunks(
  db: DatabaseSync,
  segments: Set<number>,
  report: Report,
  counted: (samples: number) => void,
): number {
  const columns = new Map<number, number>();
  const hashes = new Map<number, string>();
  for (const row of db.prepare(LAYOUTS('ASC')).iterate()) {
    hashes.set(Number(row['at']), String(row['hash']));
    const count = layoutColumns(row, report);
    if (count !== undefined) columns.set(Number(row['at']), count);
  }
  const getSlice = db.prepare('SELECT data, crc FROM slices WHERE id = ?');
  const blocks = db.prepare(BLOCKS('ASC')).all();
  let slices = 0;
  for (const row of blocks) {
    segments.add(Number(row['segment']));
    const place = `blocks row ${row['at']}`;
    const count = columns.get(Number(row['layout']));
    if (count === undefined) {
      report(place, `its layout ${row['layout']} is missing or damaged`);
      continue;
    }
    if (!isIntactBlock(row, hashes.get(Number(row['layout'])))) report(place, 'the checksum does not fit');
    const tally: Tally = { samples: 0, minMs: Number.POSITIVE_INFINITY, maxMs: Number.NEGATIVE_INFINITY };
    let whole = true;
    for (let slice = 0; slice * SLICE_COLUMNS < count; slice++) {
      const id = Number(row['at']) * SLICES_PER_BLOCK + slice;
      const data = getSlice.get(id);
      const expected = Math.min(SLICE_COLUMNS, count - slice * SLICE_COLUMNS);
      const fault = data ? sliceFault(id, data, expected, tally) : 'the row is missing';
      if (data) slices++;
      if (fault === undefined) continue;
      report(`slices row ${id} (block ${row['at']}, columns from ${slice * SLICE_COLUMNS})`, fault);
      whole = false;
    }
    if (whole) compareTally(row, tally, (message) => report(place, message));
    counted(tally.samples);
  }
  const inFile = Number(db.prepare('SELECT count(*) AS n FROM slices').get()?.['n']);
  if (inFile > slices) report('slices', `${inFile - slices} rows belong to no block`);
  return blocks.length;
}

/** Checks the checksums of a file whose blocks are made from others: what its columns are is not known here. */
export function verifyChecksums(db: DatabaseSync, report: Report): void {
  const hashes = new Map<number, string>();
  for (const row of db.prepare(LAYOUTS('ASC')).iterate()) {
    hashes.set(Number(row['at']), String(row['hash']));
    layoutColumns(row, report);
  }
  for (const row of db.prepare(BLOCKS('ASC')).iterate())
    if (!isIntactBlock(row, hashes.get(Number(row['layout']))))
      report(`blocks row ${row['at']}`, 'the checksum does not fit');
  for (const row of db.prepare(SLICES('ASC')).iterate()) {
    const { data } = row;
    if (!(data instanceof Uint8Array) || !isIntactSlice(Number(row['at']), data, row['crc']))
      report(`slices row ${row['at']}`, 'the checksum does not fit');
  }
}

function layoutColumns(row: Row, report: Report): number | undefined {
  const place = `layouts row ${row['at']}`;
  const packed = row['series'];
  if (!(packed instanceof Uint8Array) || crc32(packed) !== row['crc']) {
    report(place, 'the checksum does not fit');
    return undefined;
  }
  try {
    if (hashOf(zstdDecompressSync(packed).toString()) !== row['hash'])
      report(place, 'the hash is not that of its series');
    return unpackLayout(packed).length;
  } catch (error) {
    report(place, messageOf(error));
    return undefined;
  }
}

function sliceFault(id: number, row: Row, columns: number, tally: Tally): string | undefined {
  const data = row['data'];
  if (!(data instanceof Uint8Array) || !isIntactSlice(id, data, row['crc']))
    return 'the checksum does not fit';
  try {
    const packed = packSlice(data);
    const stored = new Uint32Array(packed, 0, 4)[1];
    if (stored !== columns) return `it has ${stored} columns, its layout has ${columns} there`;
    const slice = new Slice(packed);
    for (let column = 0; column < columns; column++) {
      const fault = partFault(slice.part(column), tally);
      if (fault !== undefined) return `column ${column}: ${fault}`;
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function partFault({ times, values, histograms }: Part, tally: Tally): string | undefined {
  for (let i = 0; i < times.length; i++) {
    if (i > 0 && !(times[i]! > times[i - 1]!)) return `sample ${i} is not later than the one before it`;
    if (isAbsent(values[i]!)) continue;
    if (isHistogram(values[i]!) && !histograms?.at(times[i]!))
      return `the histogram of sample ${i} is missing`;
    tally.samples++;
    tally.minMs = Math.min(tally.minMs, times[i]!);
    tally.maxMs = Math.max(tally.maxMs, times[i]!);
  }
  return undefined;
}

function compareTally(row: Row, { samples, minMs, maxMs }: Tally, report: (message: string) => void): void {
  if (samples !== row['samples']) report(`it has ${samples} samples and says ${row['samples']}`);
  if (samples > 0 && (minMs < Number(row['min_ms']) || maxMs > Number(row['max_ms'])))
    report(`its samples reach from ${minMs} to ${maxMs}, it says from ${row['min_ms']} to ${row['max_ms']}`);
}
