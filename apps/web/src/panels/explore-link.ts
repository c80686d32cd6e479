/** Address of Explore with a query in it. */
import { DEFAULT_RANGE, formatRange, type TimeRangeChoice } from '../components/index.ts';

export function exploreLink(query: string, range?: TimeRangeChoice): string {
  const parameters = new URLSearchParams({ query });
  if (range && formatRange(range) !== formatRange(DEFAULT_RANGE)) parameters.set('range', formatRange(range));
  return `/explore?${parameters}`;
}
