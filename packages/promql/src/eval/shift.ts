/** offset, @ and duration arithmetic, resolved for the running query. */
import { ExecutionError } from '../errors.ts';
import type { DurationExpr, TimeShift } from '../parser/ast.ts';
import { durationMs } from '../parser/durations.ts';
import { SyntaxProblem } from '../parser/errors.ts';
import type { Grid } from './column.ts';
import type { EvalContext } from './context.ts';

export interface ResolvedShift {
  readonly offsetMs: number;
  /** One step when `@` fixes the time, else the grid given. */
  readonly grid: Grid;
}

export function shiftFor(context: EvalContext, shift: TimeShift, grid: Grid): ResolvedShift {
  const offsetMs = resolveDuration(context, shift.offsetMs, shift.offsetExpr, false);
  const atMs = fixedTime(context, shift);
  return { offsetMs, grid: atMs === undefined ? grid : { startMs: atMs, stepMs: grid.stepMs, count: 1 } };
}

/** The time that `@` names, ms. */
function fixedTime(context: EvalContext, shift: TimeShift): number | undefined {
  if (shift.startOrEnd === 'start') return context.startMs;
  if (shift.startOrEnd === 'end') return context.endMs;
  return shift.timestampMs;
}

export function resolveDuration(
  context: EvalContext,
  fixedMs: number,
  expr: DurationExpr | undefined,
  positive: boolean,
): number {
  if (!expr) return fixedMs;
  try {
    const times = { stepMs: context.stepMs, rangeMs: context.endMs - context.startMs };
    return durationMs(expr, positive, times) ?? 0;
  } catch (error) {
    throw error instanceof SyntaxProblem ? new ExecutionError(error.message) : error;
  }
}
