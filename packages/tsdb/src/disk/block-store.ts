/** All blocks on disk: which there are, where a series is in them, reading them, and letting the oldest go. */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { SeriesRef } from '@watchroom/model';
import { type PackedSlice, packSlice, SLICE_COLUMNS, type Slice } from '../chunk/slice.ts';
import type { Part } from '../head/segment.ts';
import { hasLinks, syncPath } from '../snapshot/snapshot-files.ts';
import type { StoreProblem } from '../types.ts';
import type { BlockEntry } from '../writer/protocol.ts';
import {
  type BlockFamily,
  type BlockStoreOptions,
  NUMBERS_PER_FAMILY,
  type PartOptions,
  type Place,
  RAW_BLOCKS,
  slicesOf,
  type WrittenBlock,
} from './block-family.ts';
import { ChunkFile, isIntactBlock, SLICES_PER_BLOCK } from './chunk-file.ts';
import { salvageFile } from './chunk-writer.ts';
import { type DropRule, type FileSpan, fileToDrop } from './drop-rule.ts';
import { type Block, Layout, unpackLayout } from './layout.ts';
import { LayoutIndex } from './layout-index.ts';
import { SliceCache } from './slice-cache.ts';
import {
  damagedFolder,
  isOutside,
  messageOf,
  mustStay,
  openForReading,
  putBack,
  type Row,
  SIDE_FILES,
  setAside,
  sizeOf,
} from './sqlite.ts';

const MIN_FILE_BYTES = 256 * 1024;
const MAX_FILE_BYTES = 512 * 1024 * 1024;
/** Retention works in steps of one file: this many make up the whole. */
const FILES_IN_RETENTION = 16;

export class BlockStore {
  readonly #options: BlockStoreOptions;
  readonly #family: BlockFamily;
  readonly #files: ChunkFile[] = [];
  readonly #layouts = new Map<string, Layout>();
  readonly #layoutsOf = new LayoutIndex();
  readonly #segments = new Set<number>();
  readonly #loaded: BlockEntry[] = [];
  readonly #cache: SliceCache;
  /** Files whose place others have taken, while queries may still read them. */
  readonly #retired: ChunkFile[] = [];
  #blocks = 0;
  #changes = 0;
  #nextOrdinal = 1;
  #lastNumber: number;
  /** The newest file takes nothing any more. */
  #closedNewest = false;
  /** Segments of which head.db has rows; while the files are opened for the first time. */
  #withRows: ReadonlySet<number> | undefined;
  /** Layouts that blocks were taken out of meanwhile, and others may still be added to. */
  readonly #emptied = new Set<Layout>();

  constructor(options: BlockStoreOptions) {
    this.#options = options;
    this.#family = options.family ?? RAW_BLOCKS;
    const { prefix, numbersFrom, cacheBytes } = this.#family;
    this.#lastNumber = numbersFrom;
    this.#cache = new SliceCache(cacheBytes);
    const fileName = new RegExp(`^${prefix}-(\\d+)\\.db$`);
    const numbers = readdirSync(options.dir)
      .map((name) => Number(fileName.exec(name)?.[1] ?? Number.NaN))
      .filter((number) => !Number.isNaN(number))
      .sort((a, b) => a - b);
    this.#withRows = options.withRows ?? new Set();
    for (const number of numbers) this.#open(numbersFrom + number);
    this.#withRows = undefined;
    for (const layout of this.#emptied) this.#dropIfEmpty(layout);
  }

  /** Segments that have become blocks: their write-ahead rows are not needed. */
  get sealedSegments(): ReadonlySet<number> {
    return this.#segments;
  }

  get blocks(): number {
    return this.#blocks;
  }

  /** Another number whenever blocks have come or gone. */
  get changes(): number {
    return this.#changes;
  }

  get files(): readonly ChunkFile[] {
    return this.#files;
  }

  get cacheBytes(): number {
    return this.#cache.bytes;
  }

  get bytes(): number {
    return this.#files.reduce((sum, file) => sum + file.bytes, 0);
  }

  /** What the files held at opening; can be asked once. */
  takeLoaded(): BlockEntry[] {
    return this.#loaded.splice(0);
  }

  /** Numbers of files up to this one have been used. */
  reserveNumbers(upTo: number): void {
    this.#lastNumber = Math.max(this.#lastNumber, upTo);
  }

  pathOf(number: number): string {
    const { prefix, numbersFrom } = this.#family;
    return join(this.#options.dir, `${prefix}-${String(number - numbersFrom).padStart(6, '0')}.db`);
  }

  /** Whether the number is one of a file of this sort. */
  owns(number: number): boolean {
    const place = number - this.#family.numbersFrom;
    return place >= 0 && place < NUMBERS_PER_FAMILY;
  }

  /** All layouts that have blocks. */
  get layouts(): Iterable<Layout> {
    return this.#layouts.values();
  }

  /** Where the next block goes: the newest file, or a new one when that is full. */
  place(maxBytes: number, retentionMs: number): Place {
    const newest = this.#files.at(-1);
    const limit = Math.min(MAX_FILE_BYTES, Math.max(MIN_FILE_BYTES, maxBytes / FILES_IN_RETENTION));
    const full =
      newest === undefined ||
      newest.damaged ||
      (newest.number === this.#lastNumber && this.#closedNewest) ||
      hasLinks(newest.path) ||
      !newest.isInPlace() ||
      newest.bytes > limit ||
      newest.maxMs - newest.minMs > retentionMs / FILES_IN_RETENTION;
    if (!full) return newest;
    const number = this.#lastNumber + 1;
    return { path: this.pathOf(number), number };
  }

  /** The next blocks go to a new file, as this one refuses them. */
  closePlace(place: Place): void {
    this.#lastNumber = Math.max(this.#lastNumber, place.number);
    this.#closedNewest = true;
  }

  /** The next blocks go to a new file, as this one becomes part of a snapshot. */
  closeNewest(): void {
    const newest = this.#files.at(-1);
    if (newest) this.closePlace(newest);
  }

  /** The known layout of these series in this order, if the file has it. */
  layoutIn(place: Place, refs: Uint32Array): string | undefined {
    const file = this.#files.find((known) => known.number === place.number);
    const candidates = this.#layoutsOf.get(refs[0] ?? 0) ?? [];
    return candidates.find((layout) => file?.layouts.has(layout.hash) && layout.isOf(refs))?.hash;
  }

  /** Takes in a block that is on disk; its samples can be read here from now on. Throws when the file cannot be read. */
  adopt(block: WrittenBlock): void {
    const { place, id, hash, refs, minMs, maxMs, samples, deletions = 0 } = block;
    let file = this.#files.find((known) => known.number === place.number);
    if (!file) {
      file = new ChunkFile(place.path, place.number);
      this.#files.push(file);
      this.#lastNumber = place.number;
      this.#closedNewest = false;
    }
    file.note(minMs, maxMs);
    file.layouts.add(hash);
    this.#segments.add(block.segment);
    const layout = this.#layout(hash, () => refs);
    this.#addBlock({ file, id, segment: block.segment, layout, minMs, maxMs, samples, deletions });
  }

  /**
   * Adds the places on disk where a series may have samples in the range, oldest first per layout. `sort`: which of its
   * columns. Whoever passes by with all series brings a cache along.
   */
  parts(ref: SeriesRef, startMs: number, endMs: number, into: Part[], how: PartOptions = {}): void {
    const layouts = this.#layoutsOf.get(ref);
    if (!layouts) return;
    for (const layout of layouts) {
      const column = layout.columnOf(ref);
      for (const block of layout.overlapping(startMs, endMs)) {
        const whole = this.part(block, column, how);
        const part = whole && how.hidden ? how.hidden.cut(block.segment, whole) : whole;
        if (part) into.push(part);
      }
    }
  }

  /** The layouts that have the series. */
  layoutsOf(ref: SeriesRef): readonly Layout[] | undefined {
    return this.#layoutsOf.get(ref);
  }

  /** A slice of a block, from the cache or the disk; undefined when it is damaged or gone. */
  slice(block: Block, index: number, cache = this.#cache): Slice | undefined {
    const key = block.ordinal * SLICES_PER_BLOCK + index;
    const nowMs = this.#options.clock.monotonic();
    const known = cache.get(key, nowMs);
    if (known) return known;
    const packed = this.#read(block, index);
    return packed && cache.add(key, packed, nowMs);
  }

  /** Lets go of what no query has read lately. */
  ageCache(): void {
    this.#cache.age(this.#options.clock.monotonic());
  }

  /** Whether a block that holds the series touches the range. */
  touches(ref: SeriesRef, startMs: number, endMs: number): boolean {
    return (this.#layoutsOf.get(ref) ?? []).some((layout) => layout.overlapping(startMs, endMs).length > 0);
  }

  /** Whether a chunk file holds the series. */
  holds(ref: SeriesRef): boolean {
    return this.#layoutsOf.get(ref) !== undefined;
  }

  /** The end of the newest block that holds the series, or -Infinity. */
  lastMs(ref: SeriesRef): number {
    let lastMs = Number.NEGATIVE_INFINITY;
    for (const layout of this.#layoutsOf.get(ref) ?? [])
      lastMs = Math.max(lastMs, layout.blocks.at(-1)?.maxMs ?? lastMs);
    return lastMs;
  }

  /** Lets go of the oldest file when the rule says so; it is to be deleted. */
  dropOldest(rule: DropRule): FileSpan | undefined {
    const oldest = fileToDrop(this.#files, this.bytes, rule);
    if (oldest) this.drop(oldest);
    return oldest;
  }

  /** Lets go of a file, which is to be deleted. */
  drop(file: ChunkFile): void {
    this.#forgetBlocks(file);
    file.close();
  }

  /**
   * A file of fewer blocks takes the place of one, which nobody writes to. Queries under way may go on reading the old one.
   * Throws when the new one cannot be read, and then has not taken its place.
   */
  swap(old: ChunkFile, target: string): void {
    for (const file of this.#retired.splice(0)) file.close();
    new ChunkFile(target, old.number).close();
    this.#forgetBlocks(old);
    this.#retired.push(old);
    renameSync(target, old.path);
    for (const side of ['-wal', '-shm']) rmSync(old.path + side, { force: true });
    syncPath(this.#options.dir);
    this.#open(old.number);
    this.#loaded.length = 0;
    this.#files.sort((a, b) => a.number - b.number);
  }

  #forgetBlocks(file: ChunkFile): void {
    this.#changes++;
    this.#files.splice(this.#files.indexOf(file), 1);
    for (const layout of [...this.#layouts.values()]) {
      const kept = layout.blocks.filter((block) => block.file !== file);
      this.#blocks -= layout.blocks.length - kept.length;
      layout.blocks.splice(0, layout.blocks.length, ...kept);
      this.#dropIfEmpty(layout);
    }
  }

  #dropIfEmpty(layout: Layout): void {
    if (layout.blocks.length > 0) return;
    this.#layouts.delete(layout.hash);
    this.#layoutsOf.remove(layout);
  }

  /** Reads every slice once and checks it, newest file first; yields after each. */
  *verify(): Generator<void> {
    const files = new Set([...this.#files].reverse());
    for (const file of files) {
      for (const layout of [...this.#layouts.values()]) {
        for (const block of [...layout.blocks]) {
          if (block.file !== file || !this.#files.includes(file)) continue;
          for (let slice = 0; slice < this.#slicesOf(layout); slice++) {
            this.#read(block, slice);
            yield;
          }
        }
      }
    }
  }

  close(): void {
    for (const file of [...this.#files, ...this.#retired]) file.close();
  }

  get minMs(): number {
    return this.#files.reduce((min, file) => Math.min(min, file.minMs), Number.POSITIVE_INFINITY);
  }

  get maxMs(): number {
    return this.#files.reduce((max, file) => Math.max(max, file.maxMs), Number.NEGATIVE_INFINITY);
  }

  /** That one of its blocks takes. */
  #slicesOf(layout: Layout): number {
    return slicesOf(layout) * this.#family.columnsPerSeries;
  }

  #layout(hash: string, refs: () => Uint32Array): Layout {
    let layout = this.#layouts.get(hash);
    if (layout) return layout;
    layout = new Layout(hash, refs());
    this.#layouts.set(hash, layout);
    this.#layoutsOf.add(layout);
    return layout;
  }

  #addBlock(block: Omit<Block, 'ordinal' | 'damaged'>): void {
    block.layout.add({ ...block, ordinal: this.#nextOrdinal++, damaged: undefined });
    this.#blocks++;
    this.#changes++;
  }

  /** One column of a block; undefined when it is damaged or gone. */
  part(block: Block, column: number, { sort = 0, cache }: PartOptions = {}): Part | undefined {
    const index = sort * slicesOf(block.layout) + Math.floor(column / SLICE_COLUMNS);
    return this.slice(block, index, cache)?.part(column % SLICE_COLUMNS);
  }

  #read(block: Block, index: number): PackedSlice | undefined {
    // A query may hold on to a block whose file retention has taken away meanwhile; one that was swapped is still open.
    const isOpen = this.#files.includes(block.file) || this.#retired.includes(block.file);
    if (!isOpen || block.damaged?.has(index)) return undefined;
    let bytes: Uint8Array | undefined;
    let reason = `block ${block.id}, slice ${index} is missing`;
    try {
      const found = block.file.slice(block.id, index);
      bytes = found?.data;
      if (found?.intact) return packSlice(found.data);
      if (found) reason = `block ${block.id}, slice ${index}: the checksum does not fit`;
    } catch (error) {
      // Not damage: this query fails, the next one may not.
      if (isOutside(error)) throw error;
      reason = `block ${block.id}, slice ${index}: ${messageOf(error)}`;
    }
    block.damaged ??= new Set();
    block.damaged.add(index);
    const { dir, problems } = this.#options;
    let movedTo: string | undefined;
    if (bytes && !this.#options.readOnly) {
      mkdirSync(damagedFolder(dir), { recursive: true });
      movedTo = join(damagedFolder(dir), `${basename(block.file.path)}-block-${block.id}-slice-${index}`);
      writeFileSync(movedTo, bytes);
    }
    problems.add({ file: block.file.path, movedTo, reason, lostFromMs: block.minMs, lostToMs: block.maxMs });
    return undefined;
  }

  #open(number: number): void {
    const { dir, clock, problems, readOnly } = this.#options;
    const path = this.pathOf(number);
    this.#lastNumber = Math.max(this.#lastNumber, number);
    const empty = sizeOf(path) === 0;
    try {
      this.#load(new ChunkFile(path, number, readOnly ? openForReading : undefined));
      return;
    } catch (error) {
      if (readOnly) {
        problems.add({ file: path, movedTo: undefined, reason: messageOf(error) });
        return;
      }
      if (mustStay(path, error)) throw error;
      const movedTo = setAside(dir, path, clock.now(), 'move');
      const before = this.#blocks;
      const file = this.#salvage(path, number, movedTo);
      const kept = file ? this.#blocks - before : 0;
      problems.add({
        file: path,
        movedTo,
        reason: `${empty ? 'the file is empty' : messageOf(error)}; ${kept} blocks could be kept`,
        lostFromMs: file && kept > 0 ? file.minMs : undefined,
        lostToMs: file && kept > 0 ? file.maxMs : undefined,
      });
    }
  }

  #salvage(path: string, number: number, movedTo: string): ChunkFile | undefined {
    try {
      salvageFile(movedTo, path);
      const fresh = new ChunkFile(path, number);
      this.#load(fresh);
      return fresh;
    } catch (error) {
      for (const side of SIDE_FILES) rmSync(path + side, { force: true });
      if (!isOutside(error)) return undefined;
      putBack(movedTo, path);
      throw error;
    }
  }

  /** Takes a file's blocks in; on any error none of them, and throws. */
  #load(file: ChunkFile): void {
    try {
      const layouts = file.readLayouts();
      const blocks = file.readBlocks();
      const known = new Map<number, Layout>();
      const hashes = new Map(layouts.map((row) => [Number(row['at']), String(row['hash'])]));
      for (const row of layouts) {
        const layout = this.#loadLayout(file, row);
        if (layout) known.set(Number(row['at']), layout);
      }
      for (const row of blocks) {
        const layout = Number(row['layout']);
        if (isIntactBlock(row, hashes.get(layout))) this.#loadBlock(file, row, known.get(layout));
        else this.#damagedBlock(file, row);
      }
      this.#files.push(file);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  #loadLayout(file: ChunkFile, row: Row): Layout | undefined {
    const packed = row['series'];
    const hash = String(row['hash']);
    if (!(packed instanceof Uint8Array) || crc32(packed) !== row['crc']) {
      file.damaged = true;
      this.#report(file, `layout ${row['at']}: the checksum does not fit; its blocks cannot be read`);
      return undefined;
    }
    const { series, layouts } = this.#options;
    const known = layouts.get(hash);
    if (known) return this.#layout(hash, () => known);
    return this.#layout(hash, () =>
      // No labels: a column whose series was lost; it has a place and no samples.
      Uint32Array.from(unpackLayout(packed), (labels) => (labels.size === 0 ? 0 : series.ensure(labels))),
    );
  }

  /** The head's list of blocks tells which one it was, and its span of time. */
  #damagedBlock(file: ChunkFile, row: Row): void {
    file.damaged = true;
    const reason = `block ${row['at'] ?? 'without a number'}: the checksum of its entry does not fit; it cannot be read`;
    this.#report(file, reason, { lostFromMs: Number(row['min_ms']), lostToMs: Number(row['max_ms']) });
  }

  #loadBlock(file: ChunkFile, row: Row, layout: Layout | undefined): void {
    const [id, segment, samples] = [Number(row['at']), Number(row['segment']), Number(row['samples'])];
    const [minMs, maxMs] = [Number(row['min_ms']), Number(row['max_ms'])];
    const deletions = Number(row['deletions'] ?? 0);
    const lost = { lostFromMs: minMs, lostToMs: maxMs };
    if (this.#withRows?.has(segment) && !(layout && file.hasWhole(id, this.#slicesOf(layout)))) {
      file.damaged = true;
      this.#report(file, `block ${id} is damaged; what head.db has of its samples is taken from there`, lost);
      return;
    }
    if (this.#withRows && this.#segments.has(segment)) this.#supersede(segment, minMs, maxMs);
    this.#segments.add(segment);
    this.#loaded.push({ file: file.number, segment, minMs, maxMs });
    if (layout) this.#addBlock({ file, id, segment, layout, minMs, maxMs, samples, deletions });
    else this.#report(file, `block ${id} has no readable layout`, lost);
  }

  /**
   * A block that was damaged, or whose writing was not answered, stands in a newer file once more: that one counts. Numbers may
   * come again when a file is brought back that had been gone; its blocks are of another time.
   */
  #supersede(segment: number, minMs: number, maxMs: number): void {
    for (const layout of this.#layouts.values()) {
      const at = layout.blocks.findIndex(
        (block) => block.segment === segment && block.minMs <= maxMs && minMs <= block.maxMs,
      );
      if (at < 0) continue;
      layout.blocks.splice(at, 1);
      this.#blocks--;
      this.#emptied.add(layout);
    }
  }

  #report(file: ChunkFile, reason: string, lost?: Pick<StoreProblem, 'lostFromMs' | 'lostToMs'>): void {
    this.#options.problems.add({ file: file.path, movedTo: undefined, reason, ...lost });
  }
}
