/**
 * The file `tombstones`, replaced whole by each deletion:
 *
 *   "WRtombst" | version u8 | 0 u8 * 3 | frames u32 | crc u32 of what stands before
 *   { length u32 | crc u32 of data | data: zstd of JSON } * frames
 *
 * JSON: `[[names, values, [[from ms, to ms, before segment], ...], [[from ms, to ms, up to exemplar], ...]], ...]`, by series.
 * All little-endian. A frame is read or lost alone.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Clock, Labels, SeriesRef } from '@watchroom/model';
import type { ProblemLog } from '../disk/problem-log.ts';
import { labelsOf } from '../disk/series-text.ts';
import { FORMAT_VERSION, setAside } from '../disk/sqlite.ts';
import type { SeriesTable } from '../head/series-table.ts';
import { finish } from '../head-news.ts';
import {
  type ExemplarTombstone,
  type HiddenExemplars,
  HiddenSpans,
  type Tombstone,
  TombstoneSet,
} from './tombstones.ts';

export const TOMBSTONES_FILE = 'tombstones';
const MAGIC = 'WRtombst';
const VERSION_AT = 8;
const FRAMES_AT = 12;
const HEADER_CRC_AT = 16;
const HEADER_BYTES = 20;
const FRAME_HEADER_BYTES = 8;
const SERIES_PER_FRAME = 500;

export interface StoredTombstones {
  readonly labels: Labels;
  readonly samples: readonly Tombstone[];
  readonly exemplars: readonly ExemplarTombstone[];
}

export interface LoadParts {
  readonly dir: string;
  readonly clock: Clock;
  readonly series: SeriesTable;
  readonly problems: ProblemLog;
}

export interface ReadTombstones {
  readonly series: readonly StoredTombstones[];
  /** What is wrong with the file; each fault costs the tombstones of up to 500 series. */
  readonly faults: readonly string[];
}

const MISSING: ReadTombstones = { series: [], faults: ['the file is missing'] };

/** The frames' texts, one a step; `labels` gives those of a series that still exists. */
export function* tombstoneFrames(
  set: TombstoneSet,
  labels: (ref: SeriesRef) => Labels | undefined,
): Generator<void, string[], void> {
  const entries = new Map<
    string,
    [names: readonly string[], values: readonly string[], number[][], number[][]]
  >();
  let seen = 0;
  for (const [ref, { list }] of set.series) {
    if (++seen % SERIES_PER_FRAME === 0) yield;
    const own = labels(ref);
    if (!own) continue;
    const spans = list.map(({ fromMs, toMs, beforeSegment }) => [fromMs, toMs, beforeSegment]);
    entries.set(own.key, [own.names, own.values, spans, []]);
  }
  for (const { labels: own, list } of set.exemplars.values()) {
    const spans = list.map(({ fromMs, toMs, upToSeq }) => [fromMs, toMs, upToSeq]);
    const known = entries.get(own.key);
    if (known) known[3].push(...spans);
    else entries.set(own.key, [own.names, own.values, [], spans]);
  }
  const all = [...entries.values()];
  const frames: string[] = [];
  for (let i = 0; i < all.length; i += SERIES_PER_FRAME) {
    frames.push(JSON.stringify(all.slice(i, i + SERIES_PER_FRAME)));
    yield;
  }
  return frames;
}

/** Replaces the file; what is on disk when it returns outlasts a loss of power. Without frames there is no file. */
export function writeTombstones(dir: string, frames: readonly string[]): void {
  const path = join(dir, TOMBSTONES_FILE);
  if (frames.length === 0) rmSync(path, { force: true });
  else {
    const fresh = `${path}.new`;
    const fd = openSync(fresh, 'w', 0o644);
    try {
      writeSync(fd, header(frames.length));
      for (const frame of frames) writeSync(fd, framed(zstdCompressSync(frame)));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, path);
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The version in the file's header; undefined when there is no such file, or not one of ours. */
export function tombstonesVersion(dir: string): number | undefined {
  const path = join(dir, TOMBSTONES_FILE);
  if (!existsSync(path)) return undefined;
  const start = Buffer.alloc(HEADER_BYTES);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, start, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(fd);
  }
  return isOurs(start) ? start[VERSION_AT] : undefined;
}

export function hasTombstones(dir: string): boolean {
  return existsSync(join(dir, TOMBSTONES_FILE));
}

/** Reads what can be read. */
export function readTombstones(dir: string): ReadTombstones {
  const path = join(dir, TOMBSTONES_FILE);
  if (!existsSync(path)) return { series: [], faults: [] };
  const bytes = readFileSync(path);
  const faults: string[] = [];
  const series: StoredTombstones[] = [];
  if (!isOurs(bytes)) return { series, faults: ['the header is not that of a list of tombstones'] };
  const frames = bytes.readUInt32LE(FRAMES_AT);
  let at = HEADER_BYTES;
  for (let frame = 0; frame < frames; frame++) {
    const length = at + FRAME_HEADER_BYTES <= bytes.length ? bytes.readUInt32LE(at) : bytes.length;
    const from = at + FRAME_HEADER_BYTES;
    if (from + length > bytes.length) {
      faults.push(`the file ends in frame ${frame + 1} of ${frames}`);
      break;
    }
    const data = bytes.subarray(from, from + length);
    const read = crc32(data) === bytes.readUInt32LE(at + 4) ? parse(data) : undefined;
    if (read) series.push(...read);
    else faults.push(`frame ${frame + 1}: the checksum does not fit`);
    at = from + length;
  }
  return { series, faults };
}

/** Reads the file at opening; a damaged one is set aside, and what is left of it goes on. `expected`: that there is one. */
export function loadTombstones({ dir, clock, series, problems }: LoadParts, expected: boolean): TombstoneSet {
  rmSync(join(dir, `${TOMBSTONES_FILE}.new`), { force: true });
  const { series: stored, faults } = expected && !hasTombstones(dir) ? MISSING : readTombstones(dir);
  const set = tombstoneSetOf(stored, (labels) => series.find(labels));
  if (faults.length === 0) return set;
  const path = join(dir, TOMBSTONES_FILE);
  // A copy: what is left of it is there until the new file is.
  const movedTo = hasTombstones(dir) ? setAside(dir, path, clock.now(), 'copy') : undefined;
  const what = `${faults.join('; ')}: what these deletions hid is seen again until it is deleted anew`;
  problems.add({ file: path, movedTo, reason: what });
  writeTombstones(dir, finish(tombstoneFrames(set, (ref) => series.labels[ref])));
  return set;
}

/** What was read, for the series that exist. */
export function tombstoneSetOf(
  stored: readonly StoredTombstones[],
  find: (labels: Labels) => SeriesRef | undefined,
): TombstoneSet {
  const series = new Map<SeriesRef, HiddenSpans>();
  const hidden = new Map<string, HiddenExemplars>();
  for (const { labels, samples, exemplars } of stored) {
    const ref = samples.length > 0 ? find(labels) : undefined;
    if (ref !== undefined) series.set(ref, new HiddenSpans(samples));
    if (exemplars.length > 0) hidden.set(labels.key, { labels, list: exemplars });
  }
  return new TombstoneSet(series, hidden);
}

function header(frames: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write(MAGIC, 'latin1');
  bytes[VERSION_AT] = FORMAT_VERSION;
  bytes.writeUInt32LE(frames, FRAMES_AT);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, HEADER_CRC_AT)), HEADER_CRC_AT);
  return bytes;
}

function isOurs(bytes: Buffer): boolean {
  return (
    bytes.length >= HEADER_BYTES &&
    bytes.toString('latin1', 0, MAGIC.length) === MAGIC &&
    bytes.readUInt32LE(HEADER_CRC_AT) === crc32(bytes.subarray(0, HEADER_CRC_AT))
  );
}

function framed(data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + data.length);
  bytes.writeUInt32LE(data.length, 0);
  bytes.writeUInt32LE(crc32(data), 4);
  bytes.set(data, FRAME_HEADER_BYTES);
  return bytes;
}

function parse(data: Uint8Array): StoredTombstones[] | undefined {
  try {
    const list: unknown = JSON.parse(zstdDecompressSync(data).toString());
    if (!Array.isArray(list)) return undefined;
    return list.map((entry: unknown[]) => ({
      labels: labelsOf(entry[0], entry[1]),
      samples: spans(entry[2]).map(([fromMs, toMs, beforeSegment]) => ({ fromMs, toMs, beforeSegment })),
      exemplars: spans(entry[3]).map(([fromMs, toMs, upToSeq]) => ({ fromMs, toMs, upToSeq })),
    }));
  } catch {
    return undefined;
  }
}

function spans(list: unknown): [number, number, number][] {
  if (!Array.isArray(list)) return [];
  return list.map((span: unknown[]) => [Number(span[0]), Number(span[1]), Number(span[2])]);
}
