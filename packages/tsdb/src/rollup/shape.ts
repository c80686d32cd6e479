/**
 * Where the aggregates of a series lie that are wanted, and the samples that are made of them: worked out once for all series
 * that are in the same layouts.
 */
import type { Block, Layout } from '../disk/layout.ts';
import type { LevelPlan, RollupPlan } from './plan.ts';

/** Rows from ≤ i < end of a block, which go to `to`. */
export interface RollupPiece {
  readonly level: LevelPlan;
  readonly block: Block;
  readonly from: number;
  readonly end: number;
  readonly to: number;
}

export interface RollupShape {
  /** By level of the plan. */
  readonly lists: readonly (readonly Layout[] | undefined)[];
  readonly rawFromMs: number;
  readonly pieces: readonly RollupPiece[];
  /** Ends of all rows' windows, ascending, and each row's resolution. */
  readonly ends: Float64Array;
  readonly resolutions: Float64Array;
  /** Which deletions each row's block was made after; see Block. */
  readonly deletions: Float64Array;
  /**
   * By sample: the row that it shows. With pairs, ~row stands for the row's beginning. Undefined: each row is a sample.
   */
  readonly picks: Int32Array | undefined;
  readonly timestamps: Float64Array;
  /** Time of the last sample; raw ones follow it. */
  readonly lastMs: number;
}

export interface RollupRange {
  /** What was asked for. */
  readonly fromMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly rawFromMs: number;
}

interface Span {
  readonly fromMs: number;
  readonly endMs: number;
}

/** Rows are read up to the first raw sample: the window that it lies in is taken whole, and raw samples after it. */
export function shapeOf(
  plan: RollupPlan,
  lists: readonly (readonly Layout[] | undefined)[],
  range: RollupRange,
): RollupShape {
  const { fromMs, endMs, rawFromMs } = range;
  const resolutions = plan.levels.map(({ level }) => level.resolutionMs);
  const finestMs = Math.min(...resolutions);
  const untilMs = rawFromMs <= fromMs ? Number.NEGATIVE_INFINITY : Math.ceil(rawFromMs / finestMs) * finestMs;
  // A step shows the window that ended before it, a pair needs the one before, and a counter's first window has none.
  const needsBefore =
    plan.use === 'steps' || plan.use === 'counter' || plan.levels.some(({ pairs }) => pairs);
  const sinceMs = needsBefore ? fromMs - Math.max(...resolutions) : fromMs;
  const rows = rowsOf(piecesOf(plan.levels, lists, { fromMs: sinceMs, endMs: Math.min(endMs, untilMs) }));
  const samples =
    plan.use === 'steps'
      ? stepsOf(rows, range, untilMs)
      : plan.levels.some(({ pairs }) => pairs)
        ? pairsOf(rows)
        : { picks: undefined, timestamps: rows.ends };
  return {
    lists,
    rawFromMs,
    ...rows,
    ...samples,
    lastMs: samples.timestamps.at(-1) ?? Number.NEGATIVE_INFINITY,
  };
}

type Rows = Pick<RollupShape, 'pieces' | 'ends' | 'resolutions' | 'deletions'>;
type Samples = Pick<RollupShape, 'picks' | 'timestamps'>;

/** Levels asked earlier go first: of the others comes what those do not cover. */
function piecesOf(
  levels: readonly LevelPlan[],
  lists: readonly (readonly Layout[] | undefined)[],
  range: Span,
): RollupPiece[] {
  const pieces: RollupPiece[] = [];
  const covered: Span[] = [];
  levels.forEach((level, l) => {
    const { resolutionMs } = level.level;
    const fromMs = Math.max(range.fromMs, level.oldestMs);
    for (const layout of lists[l] ?? []) {
      for (const block of layout.overlapping(fromMs, range.endMs)) {
        const first = Math.max(0, Math.ceil((fromMs - block.minMs) / resolutionMs));
        const end = Math.floor((Math.min(range.endMs, block.maxMs) - block.minMs) / resolutionMs) + 1;
        for (const run of runsOf(block, resolutionMs, first, end, covered))
          pieces.push({ level, block, ...run, to: 0 });
      }
    }
  });
  return pieces.sort((a, b) => endOf(a, a.from) - endOf(b, b.from));
}

/** The rows whose windows are not covered yet, which then are. */
function runsOf(
  block: Block,
  resolutionMs: number,
  first: number,
  end: number,
  covered: Span[],
): { from: number; end: number }[] {
  const runs: { from: number; end: number }[] = [];
  const near = covered.filter((span) => span.endMs > block.minMs - resolutionMs && span.fromMs < block.maxMs);
  for (let row = first; row < end; row++) {
    const endMs = block.minMs + row * resolutionMs;
    if (near.some((span) => endMs > span.fromMs && endMs - resolutionMs < span.endMs)) continue;
    const last = runs.at(-1);
    if (last?.end === row) last.end++;
    else runs.push({ from: row, end: row + 1 });
  }
  for (const run of runs)
    covered.push({
      fromMs: block.minMs + (run.from - 1) * resolutionMs,
      endMs: block.minMs + (run.end - 1) * resolutionMs,
    });
  return runs;
}

function endOf({ level, block }: Pick<RollupPiece, 'level' | 'block'>, row: number): number {
  return block.minMs + row * level.level.resolutionMs;
}

function rowsOf(found: readonly RollupPiece[]): Rows {
  const count = found.reduce((sum, { from, end }) => sum + end - from, 0);
  const ends = new Float64Array(count);
  const resolutions = new Float64Array(count);
  const deletions = new Float64Array(count);
  let to = 0;
  const pieces = found.map((piece) => {
    const placed = { ...piece, to };
    for (let row = piece.from; row < piece.end; row++) {
      resolutions[to] = piece.level.level.resolutionMs;
      deletions[to] = piece.block.deletions;
      ends[to++] = endOf(piece, row);
    }
    return placed;
  });
  return { pieces, ends, resolutions, deletions };
}

/** One sample for each evaluation time that a window has ended for, not longer ago than a window. */
function stepsOf({ ends, resolutions }: Rows, range: RollupRange, untilMs: number): Samples {
  const { fromMs, endMs, stepMs } = range;
  const steps = Math.floor((endMs - fromMs) / stepMs);
  const picks: number[] = [];
  const timestamps: number[] = [];
  let row = -1;
  for (let step = steps; step >= 0; step--) {
    const timeMs = endMs - step * stepMs;
    if (timeMs > untilMs) break;
    while (row + 1 < ends.length && ends[row + 1]! <= timeMs) row++;
    if (row < 0 || timeMs - ends[row]! >= resolutions[row]!) continue;
    picks.push(row);
    timestamps.push(timeMs);
  }
  return { picks: Int32Array.from(picks), timestamps: Float64Array.from(timestamps) };
}

/** A row has a beginning where one follows upon another. */
function pairsOf({ pieces, ends }: Rows): Samples {
  const picks: number[] = [];
  const timestamps: number[] = [];
  for (const { level, from, end, to } of pieces) {
    for (let row = to; row < to + end - from; row++) {
      if (level.pairs && row > 0 && ends[row - 1] === ends[row]! - level.level.resolutionMs) {
        picks.push(~row);
        timestamps.push(ends[row]! - level.level.resolutionMs + 1);
      }
      picks.push(row);
      timestamps.push(ends[row]!);
    }
  }
  return { picks: Int32Array.from(picks), timestamps: Float64Array.from(timestamps) };
}
