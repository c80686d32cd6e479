/** Colours of series, from the tokens. A name keeps its colour on a page whatever is drawn beside it. */
const COUNT = 8;

/** `var(--series-n)` for the n-th series, from 0, beginning again after eight. */
export function seriesColour(index: number): string {
  return `var(--series-${(index % COUNT) + 1})`;
}

/** Percentiles are drawn alike everywhere: the higher, the more they stand out. */
export const PERCENTILE_COLOURS: Readonly<Record<string, string>> = {
  p50: 'var(--series-7)',
  p90: 'var(--series-1)',
  p99: 'var(--series-3)',
};
