/**
 * The order of tiles: sickest first, but calm. Ranks are coarse (state, then score in steps of five, then name) and the
 * order changes at most every REORDER_MS, except that services come and go at once, and that an order made before any
 * score was known gives way to the first one that knows.
 */
import type { State } from '../../design/state.ts';

export const REORDER_MS = 10_000;
const SCORE_STEP = 5;
const STATE_RANK: Readonly<Record<State, number>> = {
  critical: 0,
  warning: 1,
  late: 2,
  unknown: 3,
  healthy: 4,
};

export interface Ranked {
  readonly service: string;
  readonly state: State;
  readonly score: number | undefined;
}

export interface TileOrder {
  readonly names: readonly string[];
  readonly orderedAtMs: number;
  /** Whether any score was known when it was made. */
  readonly informed: boolean;
}

export const NO_ORDER: TileOrder = { names: [], orderedAtMs: Number.NEGATIVE_INFINITY, informed: false };

export function compareSickness(a: Ranked, b: Ranked): number {
  const step = (score: number | undefined): number => Math.floor((score ?? 0) / SCORE_STEP);
  return (
    STATE_RANK[a.state] - STATE_RANK[b.state] ||
    step(a.score) - step(b.score) ||
    (a.service < b.service ? -1 : a.service > b.service ? 1 : 0)
  );
}

/** The order to show now; the same object as `before` when nothing moves. */
export function nextOrder(before: TileOrder, tiles: readonly Ranked[], nowMs: number): TileOrder {
  const informed = tiles.some((tile) => tile.score !== undefined);
  const due = nowMs - before.orderedAtMs >= REORDER_MS || nowMs < before.orderedAtMs;
  if (due || (informed && !before.informed)) {
    const names = [...tiles].sort(compareSickness).map((tile) => tile.service);
    return { names: same(names, before.names) ? before.names : names, orderedAtMs: nowMs, informed };
  }
  const present = new Set(tiles.map((tile) => tile.service));
  const kept = before.names.filter((name) => present.has(name));
  const known = new Set(kept);
  const added = tiles.filter((tile) => !known.has(tile.service)).sort(compareSickness);
  if (kept.length === before.names.length && added.length === 0) return before;
  return { ...before, names: [...kept, ...added.map((tile) => tile.service)] };
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, i) => name === other[i]);
}
