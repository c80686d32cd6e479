/** Whether two answers of /api/v1/query or /api/v1/query_range are the same, order included. */

export interface Answer {
  readonly status: string;
  readonly data?: { readonly resultType: string; readonly result: unknown };
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

interface NativeHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [number, string, string, string])[];
}
type Point = readonly [number, string | NativeHistogram];
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Point;
  readonly values?: readonly Point[];
  readonly histogram?: Point;
  readonly histograms?: readonly Point[];
}

/** Warnings and words that came after Prometheus 3.5; its own test scripts of today ask for them. */
const NEWER = /sort is ineffective for range queries|conflicting counter resets during histogram/;
const OLDER_WORDS = ' for metric name ""';

/** Larger relative differences count: what sine, exponential and logarithm of two libraries differ in, and no more. */
export const TOLERANCE = 1e-11;

export interface Verdict {
  /** What differs first; undefined when nothing does. */
  readonly difference: string | undefined;
  /** Numbers compared, and those whose text is not the same. */
  readonly numbers: number;
  readonly inexact: number;
}

class Comparison {
  numbers = 0;
  inexact = 0;

  number(own: string, theirs: string): boolean {
    this.numbers++;
    if (own === theirs) return true;
    this.inexact++;
    const [a, b] = [own, theirs].map((text) => Number(text.replace('Inf', 'Infinity'))) as [number, number];
    return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
  }

  point(own: Point | undefined, theirs: Point | undefined): string | undefined {
    if (own === undefined && theirs === undefined) return undefined;
    const shown = `${JSON.stringify(own)} for ${JSON.stringify(theirs)}`;
    if (own === undefined || theirs === undefined || own[0] !== theirs[0]) return shown;
    const [a, b] = [own[1], theirs[1]];
    if (typeof a === 'string' || typeof b === 'string')
      return typeof a === 'string' && typeof b === 'string' && this.number(a, b) ? undefined : shown;
    const [x, y] = [a.buckets ?? [], b.buckets ?? []];
    const same =
      this.number(a.count, b.count) &&
      this.number(a.sum, b.sum) &&
      x.length === y.length &&
      x.every((one, i) =>
        one.every((part, k) => (k === 0 ? part === y[i]![0] : this.number(String(part), String(y[i]![k])))),
      );
    return same ? undefined : shown;
  }

  series(own: Series, theirs: Series): string | undefined {
    const single = this.point(own.value, theirs.value) ?? this.point(own.histogram, theirs.histogram);
    if (single !== undefined) return single;
    for (const kind of ['values', 'histograms'] as const) {
      const [a, b] = [own[kind] ?? [], theirs[kind] ?? []];
      for (let i = 0; i < Math.max(a.length, b.length); i++) {
        const difference = this.point(a[i], b[i]);
        if (difference !== undefined) return difference;
      }
    }
    return undefined;
  }

  list(own: readonly Series[], theirs: readonly Series[]): string | undefined {
    const name = ({ metric }: Series): string => JSON.stringify(Object.entries(metric).sort());
    if (own.length !== theirs.length) {
      const [a, b] = [new Set(own.map(name)), new Set(theirs.map(name))];
      const extra = [...a].filter((one) => !b.has(one));
      const missing = [...b].filter((one) => !a.has(one));
      return `${own.length} series for ${theirs.length}: extra ${extra.slice(0, 2)}, missing ${missing.slice(0, 2)}`;
    }
    for (const [i, one] of own.entries()) {
      const other = theirs[i]!;
      if (name(one) !== name(other)) return `at place ${i + 1} ${name(one)} for ${name(other)}`;
      const difference = this.series(one, other);
      if (difference !== undefined) return `${name(one)}: ${difference}`;
    }
    return undefined;
  }
}

/**
 * What of an answer's order counts. `all`; `values`: series with equal values may change places (Go's sort leaves them open);
 * `none`: both are first put in order of labels, as Prometheus leaves the order of instant vectors to its hash maps.
 */
export type Order = 'all' | 'values' | 'none';

export function compareAnswers(own: Answer, theirs: Answer, order: Order): Verdict {
  const comparison = new Comparison();
  const difference = firstDifference(comparison, own, theirs, order);
  return { difference, numbers: comparison.numbers, inexact: comparison.inexact };
}

function firstDifference(
  comparison: Comparison,
  own: Answer,
  theirs: Answer,
  order: Order,
): string | undefined {
  if (own.status !== theirs.status || own.errorType !== theirs.errorType)
    return `${own.status} ${own.errorType} ${own.error} for ${theirs.status} ${theirs.errorType} ${theirs.error}`;
  if (own.status !== 'success')
    return own.error === theirs.error ? undefined : `error ${own.error} for ${theirs.error}`;
  if (own.data?.resultType !== theirs.data?.resultType)
    return `${own.data?.resultType} for ${theirs.data?.resultType}`;
  const [a, b] = [own.data!.result, theirs.data!.result];
  const difference =
    own.data!.resultType === 'scalar' || own.data!.resultType === 'string'
      ? comparison.point(a as Point, b as Point)
      : comparison.list(sorted(a as Series[], order), sorted(b as Series[], order));
  if (difference !== undefined) return difference;
  for (const kind of ['warnings', 'infos'] as const) {
    const [x, y] = [own[kind] ?? [], theirs[kind] ?? []].map(normal) as [string, string];
    if (x !== y) return `${kind} ${JSON.stringify(x)} for ${JSON.stringify(y)}`;
  }
  return undefined;
}

/** A number of a message without the digits that two libraries differ in. */
function rounded(_match: string, number: string): string {
  return `got ${Number.isFinite(Number(number)) ? Number(number).toPrecision(12) : number}`;
}

/** Only the ten first of a map's warnings are told, so that which of them says nothing. */
function normal(texts: readonly string[]): string {
  const omitted = texts.find((text) => /^\d+ more .* omitted$/.test(text));
  if (omitted !== undefined) return `${texts.length} ${omitted}`;
  return texts
    .filter((text) => !NEWER.test(text))
    .map((text) => text.replace(OLDER_WORDS, '').replace(/got (\S+)/, rounded))
    .sort()
    .join('\n');
}

function sorted(list: readonly Series[], order: Order): readonly Series[] {
  if (order === 'all') return list;
  const key = ({ metric }: Series): string => Object.entries(metric).sort().flat().join('\u0000');
  const byLabels = (a: Series, b: Series): number => (key(a) < key(b) ? -1 : 1);
  if (order === 'none') return [...list].sort(byLabels);
  const runs: Series[][] = [];
  for (const one of list) {
    const run = runs.at(-1);
    if (run && JSON.stringify(run[0]!.value) === JSON.stringify(one.value)) run.push(one);
    else runs.push([one]);
  }
  return runs.flatMap((run) => run.sort(byLabels));
}
