/** What can become of a data folder at a boundary. Each harm says which losses are allowed. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { apply, type FileWrite, type Image, writeImage, writesBetween } from './image.ts';
import type { Boundary } from './recording.ts';

/** In which the samples that may be missing lie. */
export type Allowed =
  /** Commits that were not answered yet. */
  | { readonly kind: 'unanswered' }
  /** Commits that were not flushed yet. */
  | { readonly kind: 'unflushed' }
  /** What the file holds, and what was not answered. */
  | { readonly kind: 'file'; readonly name: string };

export interface Harm {
  readonly kind: HarmKind;
  /** For people: what was done where. */
  readonly text: string;
  readonly image: Image;
  readonly allowed: Allowed;
}

export type HarmKind =
  | 'torn write'
  | 'power loss'
  | 'bit flip'
  | 'number flip'
  | 'zeroed page'
  | 'cut file'
  | 'missing file';

export const HARM_KINDS: readonly HarmKind[] = [
  'torn write',
  'power loss',
  'bit flip',
  'number flip',
  'zeroed page',
  'cut file',
  'missing file',
];

/** In one sector, or written beside the old one and moved to its place. */
const WHOLE: ReadonlySet<string> = new Set(['heartbeat', 'tombstones']);
const SECTORS = [512, 4_096];

/**
 * Numbers in rows, and how many of their bits may flip: a few bytes of each row, which a bit by lot hardly ever is in. Those that a
 * table is ordered by are not among them: out of its place a row is found by SQLite itself.
 */
const NUMBERS: Readonly<Record<'head' | 'chunks', readonly (readonly [string, Record<string, number>])[]>> = {
  head: [
    ['wal', { segment: 12, time: 41, form: 16 }],
    ['columns', { segment: 12, first: 12 }],
    ['segments', { loose: 2, max_rows: 12 }],
    ['blocks', { min_ms: 41, span_ms: 20 }],
    ['meta', { value: 41 }],
  ],
  chunks: [['blocks', { segment: 12, layout: 8, min_ms: 41, max_ms: 41, samples: 12 }]],
};

export class Harmer {
  readonly #random: () => number;
  readonly #dir: string;

  /** `dir`: a folder that may come and go. */
  constructor(random: () => number, dir: string) {
    this.#random = random;
    this.#dir = dir;
  }

  harm(kind: HarmKind, boundary: Boundary): Harm {
    switch (kind) {
      case 'torn write':
        return this.#torn(boundary);
      case 'power loss':
        return this.#power(boundary);
      case 'number flip':
        return this.#number(boundary);
      default:
        return this.#damage(kind, boundary);
    }
  }

  /** A kill: all writes up to one, and a part of that. */
  #torn({ before, after }: Boundary): Harm {
    const writes = writesBetween(before, after);
    const at = this.#below(writes.length + 1);
    const whole = writes.slice(0, at);
    const next = writes[at];
    const part = next && this.#part(next);
    const image = apply(before, part ? [...whole, part] : whole);
    const text = `${at} of ${writes.length} writes${part ? ` and ${part.data.length} bytes for ${part.name}` : ''}`;
    return { kind: 'torn write', text, image, allowed: { kind: 'unanswered' } };
  }

  #part(write: FileWrite): Extract<FileWrite, { kind: 'bytes' }> | undefined {
    // 64 bytes within one sector are written whole or not at all.
    if (write.kind !== 'bytes' || write.name === 'heartbeat') return undefined;
    const unit = this.#pick([1, ...SECTORS]);
    const bytes = Math.floor((this.#random() * write.data.length) / unit) * unit;
    return bytes === 0 ? undefined : { ...write, data: write.data.subarray(0, bytes) };
  }

  /** Of what was written since the last flush, some sectors are on the disk. */
  #power({ before, after, durable }: Boundary): Harm {
    const image = new Map(durable);
    const sector = this.#pick(SECTORS);
    const share = this.#pick([0, 0.5, 0.9, 1]);
    const touched: string[] = [];
    for (const [name, now] of after) {
      const then = durable.get(name);
      if (then === now) continue;
      touched.push(name);
      if (!then) image.set(name, now);
      else if (WHOLE.has(name)) image.set(name, this.#random() < share ? now : then);
      else if (name.endsWith('.db')) {
        // A journal is flushed before its pages go to the database, and cut after that is flushed, with its length.
        image.set(name, this.#mixed(then, now, sector, share));
        const journal = `${name}-wal`;
        const [was, is] = [before.get(journal), after.get(journal)];
        if (share === 1 && is && this.#random() < 0.5) {
          image.set(name, now);
          image.set(journal, is);
        } else if (was) image.set(journal, was);
      } else if (after.get(name.slice(0, -4)) === durable.get(name.slice(0, -4)))
        image.set(name, this.#mixed(then, now, sector, share));
    }
    const text = `sectors of ${sector}, ${share} of what was not flushed in ${touched.join(', ') || 'nothing'}`;
    return { kind: 'power loss', text, image, allowed: { kind: 'unflushed' } };
  }

  #mixed(then: Buffer, now: Buffer, sector: number, share: number): Buffer {
    const bytes = this.#random() < 0.5 ? now.length : then.length;
    const mixed = Buffer.alloc(bytes);
    then.copy(mixed);
    for (let at = 0; at < bytes; at += sector)
      if (this.#random() < share) now.copy(mixed, at, at, Math.min(at + sector, bytes));
    return mixed;
  }

  #damage(kind: Exclude<HarmKind, 'torn write' | 'power loss' | 'number flip'>, { after }: Boundary): Harm {
    // The head, the newest file of each kind of blocks and the small files as often as all the others together.
    const names = [...after.keys()].filter((name) => kind === 'missing file' || after.get(name)!.length > 0);
    const families = ['chunks', 'rollup-5m', 'rollup-1h'];
    const hot = names
      .filter((name) => !families.some((family) => name.startsWith(family)))
      .concat(families.flatMap((family) => names.filter((name) => name.startsWith(family)).slice(-3)));
    const name = this.#pick(this.#random() < 0.6 ? hot : names);
    const image = new Map(after);
    const bytes = Buffer.from(after.get(name)!);
    let text = name;
    switch (kind) {
      case 'bit flip': {
        // Headers and the first pages say more than one of many rows.
        const span = this.#random() < 0.2 ? Math.min(bytes.length, 200) : bytes.length;
        const bit = this.#below(span * 8);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        text += ` bit ${bit & 7} of byte ${bit >> 3}`;
        image.set(name, bytes);
        break;
      }
      case 'zeroed page': {
        const page = this.#pick([512, 4_096, 8_192]);
        const at = this.#below(Math.ceil(bytes.length / page)) * page;
        bytes.fill(0, at, Math.min(at + page, bytes.length));
        text += ` bytes ${at} to ${at + page}`;
        image.set(name, bytes);
        break;
      }
      case 'cut file': {
        const unit = this.#pick([1, ...SECTORS]);
        const length = Math.floor((this.#random() * bytes.length) / unit) * unit;
        text += ` at ${length} of ${bytes.length}`;
        image.set(name, bytes.subarray(0, length));
        break;
      }
      case 'missing file':
        image.delete(name);
    }
    return { kind, text, image, allowed: { kind: 'file', name } };
  }

  /** A bit of a number in a row of head.db or of a chunk file. */
  #number({ after }: Boundary): Harm {
    const files = [...after.keys()].filter((name) => /^(chunks|rollup-..)-\d+\.db$/.test(name));
    const isHead = files.length === 0 || this.#random() < 0.6;
    const name = isHead ? 'head.db' : this.#pick(files);
    const [table, columns] = this.#pick(NUMBERS[isHead ? 'head' : 'chunks']);
    const [column, bits] = this.#pick(Object.entries(columns));
    const bit = this.#below(bits);
    const image = new Map(after);
    writeImage(this.#dir, after);
    const db = new DatabaseSync(join(this.#dir, name));
    try {
      const { rows } = db.prepare(`SELECT count(*) AS rows FROM ${table}`).get() as { rows: number };
      // The first and the last row have neighbours on one side alone.
      const row = this.#pick([0, Math.max(0, rows - 1), ...[1, 2, 3].map(() => this.#below(rows))]);
      const value = `((${column} | (1 << ${bit})) - (${column} & (1 << ${bit})))`;
      const keys = table === 'meta' ? 'key' : isHead && table === 'blocks' ? 'file, segment' : 'rowid';
      db.exec(`UPDATE ${table} SET ${column} = ${value}
               WHERE (${keys}) = (SELECT ${keys} FROM ${table} ORDER BY ${keys} LIMIT 1 OFFSET ${row});
               PRAGMA wal_checkpoint(TRUNCATE)`);
      db.close();
      image.set(name, readFileSync(join(this.#dir, name)));
      for (const side of ['-wal', '-shm']) image.delete(name + side);
      const text = `${name} bit ${bit} of ${table}.${column} in row ${row}`;
      return { kind: 'number flip', text, image, allowed: { kind: 'file', name } };
    } finally {
      if (db.isOpen) db.close();
      rmSync(this.#dir, { recursive: true, force: true });
    }
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!;
  }
}
