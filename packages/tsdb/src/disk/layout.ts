/** An ordered list of series that blocks share: the columns of a block. Known by the hash of its labels. */
import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Labels, SeriesRef } from '@watchroom/model';
import type { ChunkFile } from './chunk-file.ts';
import { readSeriesList } from './series-text.ts';

export interface Block {
  readonly file: ChunkFile;
  readonly id: number;
  /** The segment that it was. */
  readonly segment: number;
  /** Among all blocks of this process; never used twice. */
  readonly ordinal: number;
  readonly layout: Layout;
  readonly minMs: number;
  readonly maxMs: number;
  readonly samples: number;
  /** Of aggregates: tombstones up to this `beforeSegment` were minded when it was made. */
  readonly deletions: number;
  /** Slices that turned out to be unreadable. */
  damaged: Set<number> | undefined;
}

export class Layout {
  readonly hash: string;
  readonly refs: Uint32Array;
  /** Ascending by minMs. */
  readonly blocks: Block[] = [];
  readonly #ascending: boolean;
  #longestMs = 0;
  #places: Map<SeriesRef, number> | undefined;

  constructor(hash: string, refs: Uint32Array) {
    this.hash = hash;
    this.refs = refs;
    this.#ascending = refs.every((ref, i) => i === 0 || refs[i - 1]! < ref);
  }

  /** The series' column, or -1; `hint` is looked at first. */
  columnOf(ref: SeriesRef, hint = -1): number {
    if (this.refs[hint] === ref) return hint;
    if (!this.#ascending) {
      this.#places ??= new Map(Array.from(this.refs, (known, column) => [known, column]));
      return this.#places.get(ref) ?? -1;
    }
    let from = 0;
    let end = this.refs.length;
    while (from < end) {
      const middle = (from + end) >>> 1;
      if (this.refs[middle]! < ref) from = middle + 1;
      else end = middle;
    }
    return this.refs[from] === ref ? from : -1;
  }

  /** Whether these are its series, in this order. */
  isOf(refs: Uint32Array): boolean {
    return refs.length === this.refs.length && refs.every((ref, column) => this.refs[column] === ref);
  }

  /** Blocks that touch the range, oldest first. */
  overlapping(startMs: number, endMs: number): Block[] {
    let from = 0;
    let end = this.blocks.length;
    while (from < end) {
      const middle = (from + end) >>> 1;
      if (this.blocks[middle]!.minMs <= endMs) from = middle + 1;
      else end = middle;
    }
    const found: Block[] = [];
    for (let i = from - 1; i >= 0; i--) {
      const block = this.blocks[i]!;
      if (block.minMs + this.#longestMs < startMs) break;
      if (block.maxMs >= startMs) found.push(block);
    }
    return found.reverse();
  }

  add(block: Block): void {
    this.#longestMs = Math.max(this.#longestMs, block.maxMs - block.minMs);
    let at = this.blocks.length;
    while (at > 0 && this.blocks[at - 1]!.minMs > block.minMs) at--;
    this.blocks.splice(at, 0, block);
  }
}

/** Series that are put into text in one step. */
const TEXT_STEP = 256;

/** Labels of a layout's series in column order, as JSON `[[names, values], ...]`. */
export function* layoutText(series: readonly Labels[]): Generator<void, string, void> {
  const parts: string[] = [];
  for (let i = 0; i < series.length; i += TEXT_STEP) {
    const some = series.slice(i, i + TEXT_STEP).map((labels) => [labels.names, labels.values]);
    parts.push(JSON.stringify(some).slice(1, -1));
    yield;
  }
  return `[${parts.join(',')}]`;
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

export function packLayout(text: string): Uint8Array {
  return zstdCompressSync(text);
}

/** Throws when the bytes are not a layout. */
export function unpackLayout(bytes: Uint8Array): readonly Labels[] {
  return readSeriesList(zstdDecompressSync(bytes), false).labels;
}
