/** What can be said of all blocks of a store by their layouts. */
import type { SeriesRef } from '@watchroom/model';
import type { Layout } from './layout.ts';

type Layouts = Iterable<Layout>;

/** The newest deletion that a block was made after; see Block. */
export function newestDeletion(layouts: Layouts): number {
  let newest = 0;
  for (const { blocks } of layouts) for (const { deletions } of blocks) newest = Math.max(newest, deletions);
  return newest;
}

/** Refs of series in blocks that reach to `sinceMs` or later. */
export function recentRefs(layouts: Layouts, sinceMs: number): Set<SeriesRef> {
  const refs = new Set<SeriesRef>();
  for (const layout of layouts)
    if (layout.blocks.some((block) => block.maxMs >= sinceMs)) for (const ref of layout.refs) refs.add(ref);
  return refs;
}

export interface BlockSummary {
  readonly minMs: number;
  readonly maxMs: number;
  readonly samples: number;
  readonly refs: Uint32Array;
}

/** What each block holds. */
export function summariesOf(layouts: Layouts): BlockSummary[] {
  return [...layouts].flatMap(({ blocks, refs }) =>
    blocks.map(({ minMs, maxMs, samples }) => ({ minMs, maxMs, samples, refs })),
  );
}
