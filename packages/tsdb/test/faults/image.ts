/** The files of a data folder at one moment, and what was written between two moments. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Contents by file name; never changed in place. */
export type Image = ReadonlyMap<string, Buffer>;

/** SQLite writes a frame of a journal as a header and a page. */
const FRAME_HEADER = 24;
const JOURNAL_HEADER = 32;
const PAGE_BYTES: readonly [RegExp, number][] = [
  [/^head\.db/, 8_192],
  [/^(chunks|rollup)/, 4_096],
];

/** One write(2), cut or removal. */
export type FileWrite =
  | { readonly kind: 'bytes'; readonly name: string; readonly at: number; readonly data: Buffer }
  | { readonly kind: 'length'; readonly name: string; readonly bytes: number }
  | { readonly kind: 'whole'; readonly name: string; readonly data: Buffer }
  | { readonly kind: 'remove'; readonly name: string };

export class Folder {
  readonly #dir: string;
  readonly #stats = new Map<string, string>();
  #image: Image = new Map();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** What lies there now; files that are as they were before are the same buffers. */
  read(): Image {
    const next = new Map<string, Buffer>();
    const names = readdirSync(this.#dir).filter((name) =>
      /^(head|chunks|rollup|tombstones|heartbeat|lock|format|pid)/.test(name),
    );
    const newest = names.filter((name) => name.endsWith('.db')).sort();
    const hot = new Set(
      ['head.db', 'heartbeat', ...newest.slice(-3)].flatMap((name) => [name, `${name}-wal`]),
    );
    for (const name of names.sort()) {
      const path = join(this.#dir, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      // What SQLite shares between connections is made anew by the first one that opens.
      if (!stat?.isFile() || (name.endsWith('-shm') && name !== 'head.db-shm')) continue;
      const seen = `${stat.size} ${stat.mtimeMs}`;
      const known = this.#image.get(name);
      if (known && !hot.has(name) && this.#stats.get(name) === seen) {
        next.set(name, known);
        continue;
      }
      this.#stats.set(name, seen);
      const bytes = readFileSync(path);
      next.set(name, known?.equals(bytes) ? known : bytes);
    }
    this.#image = next;
    return next;
  }
}

export function writeImage(dir: string, image: Image): void {
  mkdirSync(dir, { recursive: true });
  for (const [name, bytes] of image) writeFileSync(join(dir, name), bytes);
}

/** The writes that lead from one image to the other, in the order in which the store makes them. */
export function writesBetween(before: Image, after: Image): FileWrite[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) =>
    rank(a).localeCompare(rank(b)),
  );
  const writes = names.flatMap((name) => writesOf(name, before.get(name), after.get(name)));
  // A journal is cut after all pages of its database are in their places.
  return [...writes.filter((write) => !isCut(write)), ...writes.filter(isCut)];
}

export function apply(image: Image, writes: readonly FileWrite[]): Image {
  const next = new Map(image);
  for (const write of writes) {
    if (write.kind === 'remove') next.delete(write.name);
    else if (write.kind === 'whole') next.set(write.name, write.data);
    else next.set(write.name, changed(next.get(write.name) ?? Buffer.alloc(0), write));
  }
  return next;
}

function changed(bytes: Buffer, write: Extract<FileWrite, { kind: 'bytes' | 'length' }>): Buffer {
  if (write.kind === 'length') return Buffer.concat([bytes.subarray(0, write.bytes)]);
  const copy = Buffer.alloc(Math.max(bytes.length, write.at + write.data.length));
  bytes.copy(copy);
  write.data.copy(copy, write.at);
  return copy;
}

function isCut(write: FileWrite): boolean {
  return write.kind === 'remove' || write.kind === 'length';
}

/** Files of blocks first, then the head, then the heartbeat. */
function rank(name: string): string {
  if (/^(chunks|rollup)/.test(name)) return `1${name}`;
  return name.startsWith('head.db') ? `2${name}` : `3${name}`;
}

function writesOf(name: string, before: Buffer | undefined, after: Buffer | undefined): FileWrite[] {
  if (before === after || name.endsWith('-shm')) return [];
  if (!after) return [{ kind: 'remove', name }];
  // Moved to its place whole.
  if (!before || name === 'tombstones') return [{ kind: 'whole', name, data: after }];
  const writes: FileWrite[] = [];
  for (const [from, to] of unitsOf(name, after)) {
    const data = after.subarray(from, to);
    if (to <= before.length && data.equals(before.subarray(from, to))) continue;
    writes.push({ kind: 'bytes', name, at: from, data });
  }
  if (after.length < before.length) writes.push({ kind: 'length', name, bytes: after.length });
  return writes;
}

/** Stretches of a file that are written with one call each. */
function unitsOf(name: string, bytes: Buffer): [number, number][] {
  const page = PAGE_BYTES.find(([pattern]) => pattern.test(name))?.[1] ?? bytes.length;
  const units: [number, number][] = [];
  const push = (from: number, to: number) => {
    if (from < bytes.length) units.push([from, Math.min(to, bytes.length)]);
    return to;
  };
  if (!name.endsWith('-wal')) {
    for (let at = 0; at < bytes.length; ) at = push(at, at + page);
    return units;
  }
  for (let at = push(0, JOURNAL_HEADER); at < bytes.length; ) {
    at = push(at, at + FRAME_HEADER);
    at = push(at, at + page);
  }
  return units;
}
