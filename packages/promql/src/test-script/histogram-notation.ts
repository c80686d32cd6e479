/** `{{schema:0 sum:3 count:4 z_bucket:1 buckets:[1 2] offset:-1}}`: all keys optional, any order, none twice. */
import { CUSTOM_BOUNDS_SCHEMA, type NativeHistogram, parseValue, type ResetHint } from '@watchroom/model';
import { formatG } from '../functions/quantile.ts';
import { type Buckets, build, isCustom, negativeOf, positiveOf } from '../histogram/buckets.ts';

const HINTS: Readonly<Record<string, ResetHint>> = {
  unknown: 'unknown',
  reset: 'reset',
  not_reset: 'not_reset',
  gauge: 'gauge',
};

/** What a text says about its histogram; the hint only when it names one. */
export interface NotedHistogram extends NativeHistogram {
  readonly hintNamed?: boolean;
}

/** Throws Error with what is wrong. */
export function parseHistogram(text: string): NotedHistogram {
  const fields = new Map<string, string>();
  const body = text.slice(2, -2).trim();
  for (const match of body.matchAll(/([a-z_]+):\s*(\[[^\]]*\]|[^\s]+)/g)) {
    if (fields.has(match[1]!)) throw new Error(`${match[1]} is given twice in ${text}`);
    fields.set(match[1]!, match[2]!);
  }
  const number = (name: string): number => numberOf(fields.get(name) ?? '0', text);
  const list = (name: string): number[] =>
    (fields.get(name) ?? '[]')
      .slice(1, -1)
      .split(/\s+/)
      .filter((item) => item !== '')
      .map((item) => numberOf(item, text));
  const indexed = (name: string, offset: number): Buckets =>
    list(name).map((count, i) => [i + offset, count] as const);
  const hint = fields.get('counter_reset_hint');
  const resetHint = HINTS[hint ?? 'unknown'];
  if (!resetHint) throw new Error(`unknown counter_reset_hint in ${text}`);
  const schema = number('schema');
  const histogram = build({
    schema,
    zeroThreshold: number('z_bucket_w'),
    zeroCount: number('z_bucket'),
    count: number('count'),
    sum: number('sum'),
    positive: indexed('buckets', number('offset')),
    negative: indexed('n_buckets', number('n_offset')),
    customBounds: schema === CUSTOM_BOUNDS_SCHEMA ? list('custom_values') : [],
    resetHint,
  });
  return { ...histogram, hintNamed: hint !== undefined };
}

function numberOf(text: string, whole: string): number {
  const value = parseValue(text);
  if (value === undefined) throw new Error(`bad number ${JSON.stringify(text)} in ${whole}`);
  return value;
}

/** The notation of a histogram, as short as it gets; equal histograms have equal texts. */
export function writeHistogram(h: NativeHistogram): string {
  const numbers = [
    ['schema', h.schema],
    ['count', h.count],
    ['sum', h.sum],
    ['z_bucket', h.zeroCount],
    ['z_bucket_w', h.zeroThreshold],
  ] as const;
  const parts = numbers.filter(([, value]) => value !== 0).map(([key, value]) => `${key}:${formatG(value)}`);
  if (isCustom(h)) parts.push(`custom_values:[${h.customBounds.map(formatG).join(' ')}]`);
  if (h.resetHint !== 'unknown') parts.push(`counter_reset_hint:${h.resetHint}`);
  parts.push(...bucketParts('offset', 'buckets', positiveOf(h)));
  parts.push(...bucketParts('n_offset', 'n_buckets', negativeOf(h)));
  return `{{${parts.join(' ')}}}`;
}

function bucketParts(offsetKey: string, key: string, buckets: Buckets): string[] {
  const filled = buckets.filter(([, count]) => count !== 0);
  const first = filled[0]?.[0];
  if (first === undefined) return [];
  const counts = new Array<number>(filled.at(-1)![0] - first + 1).fill(0);
  for (const [index, count] of filled) counts[index - first] = count;
  return [...(first === 0 ? [] : [`${offsetKey}:${first}`]), `${key}:[${counts.map(formatG).join(' ')}]`];
}
