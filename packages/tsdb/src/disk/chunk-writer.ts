/** The writing side of a chunk file; used by one thread at a time, beside any number of readers. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { BLOCKS, blockCrc, CHUNK_SCHEMA, LAYOUTS, SLICES, SLICES_PER_BLOCK, sliceCrc } from './chunk-file.ts';
import { syncJournal } from './head-file.ts';
import { identityOf } from './identity.ts';
import { packLayout } from './layout.ts';
import { ensureSound, openFile, SIDE_FILES, salvageRows, stamp } from './sqlite.ts';

const PAGE_SIZE = 4_096;
const INSERT_BLOCK =
  'INSERT INTO blocks (id, segment, layout, min_ms, max_ms, samples, crc, deletions) VALUES (?, ?, ?, ?, ?, ?, ?, ?)';

export interface NewBlock {
  readonly segment: number;
  readonly hash: string;
  /** The layout's text; undefined when the file has it. */
  readonly text: string | undefined;
  readonly minMs: number;
  readonly maxMs: number;
  readonly samples: number;
  /** Of aggregates: see Block. */
  readonly deletions?: number | undefined;
  readonly slices: readonly Uint8Array[];
}

export class ChunkWriter {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #layouts = new Map<string, number>();
  /** Segment → its block: a segment is written once, however often it is asked for. */
  readonly #blocks = new Map<number, number>();
  readonly #identity: string | undefined;
  #nextBlock = 1;
  #walFd: number | undefined;

  /** Throws what SQLite says when the file is not usable. */
  constructor(path: string) {
    this.path = path;
    if (!existsSync(path)) create(path);
    this.#db = openFile(path, PAGE_SIZE);
    this.#identity = identityOf(path);
    try {
      this.#db.exec(CHUNK_SCHEMA);
      addColumns(this.#db);
      ensureSound(this.#db);
      stamp(this.#db);
      for (const row of this.#db.prepare('SELECT id, hash FROM layouts').iterate())
        this.#layouts.set(String(row['hash']), Number(row['id']));
      for (const row of this.#db.prepare('SELECT id, segment FROM blocks').iterate())
        this.#note(Number(row['id']), Number(row['segment']));
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** False when its path leads to no file or to another one. */
  isInPlace(): boolean {
    return identityOf(this.path) === this.#identity;
  }

  /** Writes a block in one transaction and gives its id; throws and leaves nothing on failure. */
  append(block: NewBlock): number {
    const known = this.#blocks.get(block.segment);
    if (known !== undefined) return known;
    const id = this.#nextBlock;
    this.#db.exec('BEGIN');
    try {
      const layout = this.#layouts.get(block.hash) ?? this.#insertLayout(block);
      const { segment, minMs, maxMs, samples, deletions } = block;
      this.#db
        .prepare(INSERT_BLOCK)
        .run(id, segment, layout, minMs, maxMs, samples, crcOf(id, block), deletions || null);
      const insert = this.#db.prepare('INSERT INTO slices VALUES (?, ?, ?)');
      block.slices.forEach((data, i) => {
        const slice = id * SLICES_PER_BLOCK + i;
        insert.run(slice, data, sliceCrc(slice, data));
      });
      this.#db.exec('COMMIT');
      this.#layouts.set(block.hash, layout);
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
    this.#note(id, block.segment);
    return id;
  }

  /** Copies the journal into the database and empties it. */
  checkpoint(): void {
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** Asks the disk to keep what was written; rejects when it cannot. */
  sync(): Promise<void> {
    return syncJournal(this.path, this.#walFd, (fd) => {
      this.#walFd = fd;
    });
  }

  /** Copies the journal into the database and closes: nothing more will be written here. `alone`: without a journal beside it. */
  finish(how: 'beside readers' | 'alone' = 'beside readers'): void {
    try {
      this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      if (how === 'alone') this.#db.exec('PRAGMA journal_mode = DELETE');
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#db.close();
    if (this.#walFd !== undefined) closeSync(this.#walFd);
    this.#walFd = undefined;
  }

  /** Copies what can be read of a damaged file. */
  takeFrom(damaged: DatabaseSync): void {
    this.#db.exec('BEGIN');
    const layout = this.#db.prepare('INSERT OR IGNORE INTO layouts VALUES (?, ?, ?, ?)');
    for (const row of salvageRows(damaged, LAYOUTS))
      layout.run(row['at']!, row['hash']!, row['series']!, row['crc']!);
    const block = this.#db.prepare(INSERT_BLOCK.replace('INSERT', 'INSERT OR IGNORE'));
    for (const { at, segment, layout, min_ms, max_ms, samples, crc, deletions } of salvageRows(
      damaged,
      BLOCKS,
    ))
      block.run(at!, segment!, layout!, min_ms!, max_ms!, samples!, crc ?? null, deletions ?? null);
    const slice = this.#db.prepare('INSERT OR IGNORE INTO slices VALUES (?, ?, ?)');
    for (const row of salvageRows(damaged, SLICES)) slice.run(row['at']!, row['data']!, row['crc']!);
    this.#db.exec('COMMIT');
  }

  #insertLayout(block: NewBlock): number {
    if (block.text === undefined) throw new Error(`the file does not know the layout ${block.hash}`);
    const packed = packLayout(block.text);
    const inserted = this.#db
      .prepare('INSERT INTO layouts (hash, series, crc) VALUES (?, ?, ?)')
      .run(block.hash, packed, crc32(packed));
    return Number(inserted.lastInsertRowid);
  }

  #note(id: number, segment: number): void {
    this.#nextBlock = Math.max(this.#nextBlock, id + 1);
    this.#blocks.set(segment, id);
  }
}

function crcOf(id: number, { segment, hash, minMs, maxMs, samples, deletions = 0 }: NewBlock): number {
  return blockCrc({ at: id, segment, min_ms: minMs, max_ms: maxMs, samples, deletions }, hash);
}

/** A file of a format before 5 or 6 gets the columns that it has not. */
function addColumns(db: DatabaseSync): void {
  const columns = db.prepare('PRAGMA table_info(blocks)').all();
  for (const name of ['crc', 'deletions'])
    if (!columns.some((column) => column['name'] === name))
      db.exec(`ALTER TABLE blocks ADD COLUMN ${name} INTEGER`);
}

/** Makes the file beside its place and moves it there whole: a process that is killed meanwhile leaves no half of one. */
function create(path: string): void {
  const unfinished = `${path}.new`;
  for (const side of SIDE_FILES) rmSync(unfinished + side, { force: true });
  const db = openFile(unfinished, PAGE_SIZE);
  try {
    db.exec(CHUNK_SCHEMA);
    stamp(db);
  } finally {
    db.close();
  }
  // The journal of a file that is gone would be taken for this one's.
  for (const side of SIDE_FILES) rmSync(path + side, { force: true });
  renameSync(unfinished, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Makes a chunk file of what can be read of a damaged one; throws when that is nothing. */
export function salvageFile(from: string, to: string): void {
  const damaged = new DatabaseSync(from, { readOnly: true });
  try {
    const writer = new ChunkWriter(to);
    try {
      writer.takeFrom(damaged);
    } finally {
      writer.finish();
    }
  } finally {
    damaged.close();
  }
}
