/**
 * Exemplars on disk: rows of head.db with those of one group commit. A row is known by the number of its newest exemplar; the
 * others have the numbers before it.
 *
 *   zstd of JSON [[series names], [series values], [label names], [label values], time ms, value as text] for each
 *
 * Values are text, as JSON has no NaN, no infinities and no -0.
 */
import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { labelsOf } from '../disk/series-text.ts';
import type { Row } from '../disk/sqlite.ts';
import type { ExemplarsRow } from '../writer/protocol.ts';
import type { ExemplarBuffer, StoredExemplar } from './exemplar-buffer.ts';

/** In one row, so that one group does not hold the disk for long. */
export const EXEMPLARS_PER_ROW = 2_000;

/** `entries` have consecutive numbers and are not empty. */
export function exemplarsRow(entries: readonly StoredExemplar[]): ExemplarsRow {
  const list = entries.map(({ series, exemplar: { labels, timeMs, value } }) => [
    series.names,
    series.values,
    labels.names,
    labels.values,
    timeMs,
    Object.is(value, -0) ? '-0' : String(value),
  ]);
  return { seq: entries.at(-1)!.seq, data: zstdCompressSync(JSON.stringify(list)) };
}

/** Puts rows back, oldest first; gives how many were damaged and left out. */
export function restoreExemplars(rows: readonly Row[], buffer: ExemplarBuffer): number {
  let damaged = 0;
  for (const row of rows) {
    const seq = Number(row['at']);
    const entries =
      row['data'] instanceof Uint8Array && crc32(row['data']) === row['crc'] && read(row['data'], seq);
    if (entries) for (const entry of entries) buffer.restore(entry);
    else damaged++;
    buffer.reserve(seq);
  }
  return damaged;
}

function read(data: Uint8Array, seq: number): StoredExemplar[] | undefined {
  try {
    const list: unknown = JSON.parse(zstdDecompressSync(data).toString());
    if (!Array.isArray(list)) return undefined;
    return list.map((entry: unknown[], i) => ({
      seq: seq - list.length + 1 + i,
      series: labelsOf(entry[0], entry[1]).interned(),
      exemplar: { labels: labelsOf(entry[2], entry[3]), timeMs: Number(entry[4]), value: Number(entry[5]) },
    }));
  } catch {
    return undefined;
  }
}
