/** What the writing thread does: everything that waits for a disk happens here. See protocol.ts. */
import { rmSync } from 'node:fs';
import { release } from '@watchroom/model/release';
import { type SegmentColumns, SLICE_COLUMNS, writeSlice } from '../chunk/slice.ts';
import { writeTombstones } from '../deletion/tombstone-file.ts';
import { ChunkWriter } from '../disk/chunk-writer.ts';
import { HeadFile } from '../disk/head-file.ts';
import { HeartbeatFile } from '../disk/heartbeat.ts';
import { hashOf } from '../disk/layout.ts';
import { replaceHead } from '../disk/replace-head.ts';
import { isDamage, messageOf, SIDE_FILES, sizeOf } from '../disk/sqlite.ts';
import { copySnapshot, emptyJournals, hasLinks } from '../snapshot/snapshot-files.ts';
import type {
  BlockDone,
  BlockRequest,
  HeadGroup,
  WriterEnvelope,
  WriterReply,
  WriterRequest,
  WriterSettings,
} from './protocol.ts';

/**
 * After so many beats, which come a second after the last write, journals of some size are emptied: smaller ones where nothing was
 * written in between. What is not small begins the count anew: rules go on writing their few samples when a load has ended.
 */
const BEATS_TO_REST = 3;
const MIN_REST_BYTES = 256 * 1024;
const MIN_CALM_BYTES = 1024 * 1024;
const SMALL_GROUP_BYTES = 32 * 1024;

/** Somebody else has got hold of the file: writing to it would change a copy that someone keeps, or would be lost. */
class SharedFileError extends Error {
  constructor(path: string, reason = 'has more than one hard link') {
    super(`${path} ${reason} and takes no more blocks`);
  }
}

/** The thread's end of the connection to the store. */
export interface WriterPort {
  postMessage(reply: WriterReply): void;
  on(event: 'message', take: (envelope: WriterEnvelope) => void): unknown;
  close(): void;
}

export class WriterWork {
  readonly #settings: WriterSettings;
  readonly #port: WriterPort;
  #head: HeadFile | undefined;
  #heartbeat: HeartbeatFile | undefined;
  /** The file that is being written, of each sort of blocks. */
  readonly #chunks = new Map<string, ChunkWriter>();
  /** Beats since anything large was written, or the last rest. */
  #calmBeats = 0;
  /** Nothing small was written since then either. */
  #isQuiet = true;
  /** All blocks so far. */
  #flushing: Promise<unknown> = Promise.resolve();

  constructor(settings: WriterSettings, port: WriterPort) {
    this.#settings = settings;
    this.#port = port;
    port.on('message', (envelope: WriterEnvelope) => this.#answer(envelope));
  }

  #answer({ id, request }: WriterEnvelope): void {
    const reply = (rest: Omit<WriterReply, 'id'>) => this.#port.postMessage({ id, ...rest });
    const fail = (error: unknown) =>
      reply({ error: messageOf(error), damaged: isDamage(error) || error instanceof SharedFileError });
    try {
      const done = this.#do(request);
      if (done !== undefined) done.then((block) => reply({ block }), fail);
      else reply({});
    } catch (error) {
      fail(error);
    }
  }

  #do(request: WriterRequest): Promise<BlockDone | undefined> | undefined {
    switch (request.kind) {
      case 'group':
        this.#wrote(request.group.data.length);
        this.#group(request.group, request.journalBytes);
        return undefined;
      case 'sync':
        return this.#openHead()
          .sync()
          .then(() => undefined);
      case 'beat':
        this.#beat(request.seq, request.timeMs);
        if (++this.#calmBeats === BEATS_TO_REST) this.#later(() => this.#rest());
        return undefined;
      case 'block': {
        this.#wrote(Number.POSITIVE_INFINITY);
        const done = this.#block(request.block, request.journalBytes, request.listAs);
        this.#flushing = Promise.allSettled([this.#flushing, done]);
        return done;
      }
      case 'remove':
        return this.#remove(request.path, request.number);
      case 'tombstones':
        return this.#tombstones(request.frames);
      case 'settle':
        return this.#settle();
      case 'forget_blocks':
        return this.#forgetBlocks(request.file, request.segments);
      case 'snapshot':
        return this.#snapshot(request.name, request.skipHead);
      case 'restore_head':
        this.#restoreHead(request.moved, request.nowMs);
        return undefined;
      case 'close':
        this.#close();
        return undefined;
    }
  }

  #group(group: HeadGroup, journalBytes: number): void {
    const head = this.#openHead();
    head.write(group);
    release(group.data);
    this.#beat(group.seq, group.nowMs);
    if (group.forget.length > 0 || group.onlySeries) this.#later(() => head.shrink());
    if (isLarge(this.#settings.headPath, journalBytes)) this.#later(() => head.checkpoint());
  }

  async #block(request: BlockRequest, journalBytes: number, listAs: number | undefined): Promise<BlockDone> {
    const chunk = this.#openChunk(request.path);
    const slices: Uint8Array[] = [];
    for (const columns of request.columns)
      for (let column = 0; column < columns.columns; column += SLICE_COLUMNS)
        slices.push(writeSlice(columns, column));
    for (const columns of request.columns) releaseColumns(columns);
    const { layout } = request;
    const hash = 'hash' in layout ? layout.hash : hashOf(layout.text);
    const id = chunk.append({ ...request, hash, text: 'text' in layout ? layout.text : undefined, slices });
    await chunk.sync();
    const { segment, minMs, maxMs } = request;
    if (listAs !== undefined) this.#openHead().reconcile([{ file: listAs, segment, minMs, maxMs }], []);
    if (isLarge(chunk.path, journalBytes))
      this.#later(() => {
        if (chunk === this.#chunks.get(familyOf(chunk.path))) chunk.checkpoint();
      });
    return { id, hash, bytes: slices.reduce((sum, slice) => sum + slice.length, 0) };
  }

  async #remove(path: string, number: number): Promise<undefined> {
    // Not missed first: a crash in between must not look like a loss.
    const head = this.#openHead();
    head.forgetFile(number);
    await head.sync();
    const family = familyOf(path);
    const open = this.#chunks.get(family);
    if (open?.path === path) {
      open.close();
      this.#chunks.delete(family);
    }
    for (const side of SIDE_FILES) rmSync(path + side, { force: true });
  }

  /** All journals are copied into their databases first: what is linked or copied is complete. */
  async #snapshot(name: string, skipHead: boolean): Promise<undefined> {
    await this.#settle();
    copySnapshot(this.#settings.dir, name, skipHead);
  }

  async #settle(): Promise<undefined> {
    await this.#flushing;
    this.#openHead().checkpoint();
    for (const [family, chunk] of this.#chunks) {
      this.#chunks.delete(family);
      chunk.finish();
    }
    emptyJournals(this.#settings.dir);
  }

  /** Not missed before it goes: a crash in between must not look like a loss. */
  async #tombstones(frames: readonly string[]): Promise<undefined> {
    const head = this.#openHead();
    if (frames.length === 0) {
      head.noteTombstones(false);
      await head.sync();
    }
    writeTombstones(this.#settings.dir, frames);
    if (frames.length > 0) head.noteTombstones(true);
  }

  async #forgetBlocks(file: number, segments: readonly number[]): Promise<undefined> {
    const head = this.#openHead();
    head.forgetBlocks(file, segments);
    await head.sync();
  }

  #beat(seq: number, timeMs: number): void {
    this.#heartbeat ??= new HeartbeatFile(this.#settings.heartbeatPath);
    this.#heartbeat.write({ seq, timeMs });
  }

  /** A small write while beats are counted lets them count on; any other begins anew. */
  #wrote(bytes: number): void {
    const isCounting = this.#calmBeats > 0 && this.#calmBeats < BEATS_TO_REST;
    this.#isQuiet = bytes > SMALL_GROUP_BYTES || !isCounting;
    if (this.#isQuiet) this.#calmBeats = 0;
  }

  /** Journals of one who has nothing to write would stay as large as they are for as long. */
  #rest(): void {
    const wasQuiet = this.#isQuiet;
    const leastBytes = wasQuiet ? MIN_REST_BYTES : MIN_CALM_BYTES;
    this.#isQuiet = true;
    this.#head?.shrink();
    if (isLarge(this.#settings.headPath, leastBytes)) this.#head?.checkpoint();
    for (const chunk of this.#chunks.values()) if (isLarge(chunk.path, leastBytes)) chunk.checkpoint();
    // From now on nothing at all may be written.
    if (!wasQuiet) this.#calmBeats = 0;
  }

  #restoreHead(moved: boolean, nowMs: number): void {
    const { dir, headPath } = this.#settings;
    const head = this.#openHead();
    if (moved) replaceHead(dir, headPath, nowMs, (path) => head.copyTo(path));
    else head.checkpoint();
    head.close();
    this.#head = undefined;
    this.#openHead();
    this.#heartbeat?.close();
    this.#heartbeat = undefined;
  }

  #openHead(): HeadFile {
    this.#head ??= new HeadFile(this.#settings.headPath);
    return this.#head;
  }

  #openChunk(path: string): ChunkWriter {
    const family = familyOf(path);
    const current = this.#chunks.get(family);
    if (current?.path === path && current.isInPlace()) return current;
    if (current?.path === path) {
      this.#chunks.delete(family);
      current.close();
      throw new SharedFileError(path, 'was deleted, replaced or moved away');
    }
    if (hasLinks(path)) throw new SharedFileError(path);
    this.#chunks.delete(family);
    current?.finish();
    const chunk = new ChunkWriter(path);
    this.#chunks.set(family, chunk);
    return chunk;
  }

  /** After the answer, as nobody waits for it. */
  #later(run: () => void): void {
    setImmediate(() => {
      try {
        run();
      } catch (error) {
        this.#port.postMessage({ id: 0, error: messageOf(error) });
      }
    });
  }

  #close(): void {
    for (const chunk of this.#chunks.values()) chunk.close();
    this.#head?.close();
    this.#heartbeat?.close();
    this.#port.close();
  }
}

/** A chunk file's path without its number. */
function familyOf(path: string): string {
  return path.replace(/-\d+\.db$/, '');
}

function isLarge(path: string, journalBytes: number): boolean {
  return sizeOf(`${path}-wal`) >= journalBytes;
}

/** They have been sent to be written once. */
function releaseColumns(columns: SegmentColumns): void {
  if (columns.kind !== 'grid') return;
  release(columns.times);
  release(columns.cells);
}
