/**
 * An instant query again with `@ <its time>` on every selector and outermost subquery that has none: at whatever time it
 * is then asked, the answer must stay the same. Prometheus' own runner does so for each instant eval.
 */
import type { Expr, TimeShift } from '../parser/ast.ts';
import { formatExpr } from '../parser/format.ts';
import { parseExpr } from '../parser/parse.ts';
import { walk } from '../parser/walk.ts';

/** Functions that look at the time of the evaluation even when what they are given does not move. */
const UNSAFE: ReadonlySet<string> = new Set([
  ...['days_in_month', 'day_of_month', 'day_of_week', 'day_of_year', 'hour', 'minute', 'month', 'year'],
  ...['predict_linear', 'time', 'timestamp', 'start', 'end', 'range', 'step'],
]);

export interface AtCase {
  readonly query: string;
  readonly timeMs: number;
}

/** Empty where the answer may depend on the time. */
export function atCases(query: string, timeMs: number): AtCase[] {
  const expr = parseExpr(query, { experimental: true });
  let unsafe = false;
  walk(expr, (node, path) => {
    if (node.type === 'call' && UNSAFE.has(node.func.name)) unsafe = true;
    if (node.type !== 'vectorSelector' && node.type !== 'subquery') return;
    if (!path.some(isFixed)) fix(node, timeMs);
  });
  if (unsafe) return [];
  const text = formatExpr(expr);
  const times =
    timeMs === 0 ? [-1000, 0, 1000] : [-10 * timeMs, 0, Math.trunc(timeMs / 5), timeMs, 10 * timeMs];
  return times.map((at) => ({ query: text, timeMs: at }));
}

function isFixed(node: Expr): boolean {
  return node.type === 'subquery' && node.timestampMs !== undefined;
}

function fix(shift: TimeShift, timeMs: number): void {
  shift.timestampMs ??= timeMs;
}
