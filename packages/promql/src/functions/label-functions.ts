/** label_replace, label_join and the sorting functions. */
import { AnchoredPattern, compareBytes, type Labels, METRIC_NAME, PatternError } from '@watchroom/model';
import { ExecutionError } from '../errors.ts';
import { ABSENT, type Column, FLOAT, mergeAlike } from '../eval/column.ts';

/** With these labels instead, sharing the values. A name set by hand is no longer dropped at the end. */
function relabelled(column: Column, labels: Labels, target: string): Column {
  const dropName = target === METRIC_NAME ? false : column.dropName;
  return { ...column, labels, dropName, kinds: column.kinds.slice(), values: column.values.slice() };
}

/**
 * Go's Regexp.Expand: `$1`, `${1}`, `$name`, `$$`; the longest name counts, unknown groups are empty.
 * Source: https://pkg.go.dev/regexp#Regexp.Expand.
 */
export function expand(
  template: string,
  groups: readonly string[],
  named: Readonly<Record<string, number>>,
): string {
  return template.replace(
    /\$(?:\$|([\p{L}\p{N}_]+)|\{([\p{L}\p{N}_]+)\})/gu,
    (all, bare?: string, braced?: string) => {
      const name = bare ?? braced;
      if (name === undefined) return all === '$$' ? '$' : all;
      if (/^[0-9]+$/.test(name)) return groups[Number(name)] ?? '';
      return groups[named[name] ?? -1] ?? '';
    },
  );
}

/** Rules ask for the same patterns again and again. */
const PATTERN_LIMIT = 500;
const patterns = new Map<string, AnchoredPattern>();

function patternOf(expression: string): AnchoredPattern {
  const known = patterns.get(expression);
  if (known) return known;
  try {
    const pattern = new AnchoredPattern(expression);
    if (patterns.size >= PATTERN_LIMIT) patterns.delete(patterns.keys().next().value!);
    patterns.set(expression, pattern);
    return pattern;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ExecutionError(`invalid regular expression in label_replace(): ${expression}`);
  }
}

export function labelReplace(columns: readonly Column[], args: readonly string[]): Column[] {
  const [target = '', replacement = '', source = '', expression = ''] = args;
  const pattern = patternOf(expression);
  ensureLabelName(target, 'label_replace', 'destination');
  return mergeAlike(
    columns.map((column) => {
      const match = pattern.exec(column.labels.get(source));
      if (!match) return relabelled(column, column.labels, '');
      return relabelled(
        column,
        column.labels.with(target, expand(replacement, match.groups, match.named)),
        target,
      );
    }),
  );
}

export function labelJoin(columns: readonly Column[], args: readonly string[]): Column[] {
  const [target = '', separator = '', ...sources] = args;
  for (const source of sources) ensureLabelName(source, 'label_join', 'source');
  ensureLabelName(target, 'label_join', 'destination');
  return mergeAlike(
    columns.map((column) => {
      const text = sources.map((source) => column.labels.get(source)).join(separator);
      return relabelled(column, column.labels.with(target, text), target);
    }),
  );
}

function ensureLabelName(name: string, func: string, role: string): void {
  if (name !== '' && name.isWellFormed()) return;
  throw new ExecutionError(`invalid ${role} label name in ${func}(): ${name}`);
}

/** Of an instant query; NaN last, histograms dropped. */
export function sortByValue(columns: readonly Column[], descending: boolean): Column[] {
  const value = (column: Column): number => column.values[0]!;
  return columns
    .filter((column) => column.kinds[0] === FLOAT)
    .sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (Number.isNaN(x)) return Number.isNaN(y) ? 0 : 1;
      if (Number.isNaN(y)) return -1;
      return descending ? y - x || 0 : x - y || 0;
    });
}

export function sortByLabel(
  columns: readonly Column[],
  names: readonly string[],
  descending: boolean,
): Column[] {
  const sign = descending ? -1 : 1;
  const sorted = columns.filter((column) => column.kinds[0] !== ABSENT);
  const compare = (a: Column, b: Column): number => {
    for (const name of names) {
      const [x, y] = [a.labels.get(name), b.labels.get(name)];
      if (x !== y) return naturallyBefore(x, y) ? -sign : sign;
    }
    return a.labels.compare(b.labels) * sign;
  };
  if (sorted.length > INSERTION_SORT) return sorted.sort(compare);
  for (let i = 1; i < sorted.length; i++) {
    for (let j = i; j > 0 && compare(sorted[j]!, sorted[j - 1]!) < 0; j--)
      [sorted[j], sorted[j - 1]] = [sorted[j - 1]!, sorted[j]!];
  }
  return sorted;
}

/** Go sorts so few by insertion, which shows where two values come before each other. */
const INSERTION_SORT = 12;

/**
 * The natural order of Prometheus, runs of digits as numbers, with its flaws: of an empty text and another none comes first,
 * of equal numbers at the end either does. Source: https://pkg.go.dev/github.com/facette/natsort.
 */
function naturallyBefore(a: string, b: string): boolean {
  const [x, y] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (let i = 0; i < x.length; i++) {
    const [p, q] = [x[i]!, y[i]];
    if (q === undefined) return false;
    const numbers = isInteger(p) && isInteger(q);
    if (numbers ? BigInt(p) === BigInt(q) : p === q) {
      if (i === x.length - 1) return true;
      if (i === y.length - 1) return false;
      continue;
    }
    return numbers ? BigInt(p) < BigInt(q) : compareBytes(p, q) < 0;
  }
  return false;
}

/** What an int64 holds. */
function isInteger(text: string): boolean {
  return /^\d+$/.test(text) && BigInt(text) < 2n ** 63n;
}
