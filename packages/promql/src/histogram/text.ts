/** A histogram as Go prints it: `{count:3, sum:5, (1,2]:3}`. */
import type { NativeHistogram } from '@watchroom/model';
import { formatG } from '../functions/quantile.ts';
import { isCustom } from './buckets.ts';
import { intervals } from './intervals.ts';

export function histogramText(h: NativeHistogram): string {
  const parts = [`count:${formatG(h.count)}`, `sum:${formatG(h.sum)}`];
  for (const { lower, upper, count } of intervals(h)) {
    if (count === 0) continue;
    const zero = !isCustom(h) && lower <= 0 && upper >= 0;
    const open = zero || upper < 0 || lower === Number.NEGATIVE_INFINITY ? '[' : '(';
    const close = !zero && upper < 0 && !isCustom(h) ? ')' : ']';
    parts.push(`${open}${formatG(lower)},${formatG(upper)}${close}:${formatG(count)}`);
  }
  return `{${parts.join(', ')}}`;
}
