/** Where the raw samples of a series begin. */
import type { SeriesRef } from '@watchroom/model';
import type { BlockStore } from '../disk/block-store.ts';
import type { Layout } from '../disk/layout.ts';
import type { Segment } from '../head/segment.ts';
import type { SeriesTable } from '../head/series-table.ts';

export interface RawStartOptions {
  readonly table: SeriesTable;
  readonly blocks: BlockStore;
  /** Nothing before this is looked at. */
  readonly startMs: number;
}

export class RawStart {
  readonly #options: RawStartOptions;
  #layouts: readonly Layout[] | undefined;
  #segment: Segment | undefined;
  #fromMs = Number.POSITIVE_INFINITY;
  #known = false;

  constructor(options: RawStartOptions) {
    this.#options = options;
  }

  /** Not before `startMs`; Infinity when there are none. By the span of blocks and segments: the same for all in them. */
  of(ref: SeriesRef): number {
    const { table, blocks, startMs } = this.#options;
    const layouts = blocks.layoutsOf(ref);
    const segment = table.segmentOf[ref];
    if (this.#known && layouts === this.#layouts && segment === this.#segment) return this.#fromMs;
    this.#known = true;
    this.#layouts = layouts;
    this.#segment = segment;
    this.#fromMs = Math.max(startMs, Math.min(inBlocks(layouts), inHead(segment)));
    return this.#fromMs;
  }
}

function inBlocks(layouts: readonly Layout[] | undefined): number {
  return (layouts ?? []).reduce(
    (min, { blocks }) => Math.min(min, blocks[0]?.minMs ?? min),
    Number.POSITIVE_INFINITY,
  );
}

function inHead(segment: Segment | undefined): number {
  let fromMs = Number.POSITIVE_INFINITY;
  for (let at = segment; at; at = at.kind === 'grid' ? at.previous : undefined)
    if (!at.sealed && at.samples > 0) fromMs = Math.min(fromMs, at.oldestMs);
  return fromMs;
}
