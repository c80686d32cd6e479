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

export function labelReplace(columns: readonly Column[], args: readonly string[]): Column[] {
  const [target = '', replacement = '', source = '', expression = ''] = args;
  let pattern: AnchoredPattern;
  try {
    pattern = new AnchoredPattern(expression);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ExecutionError(`invalid regular expression in label_replace(): ${expression}`);
  }
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
  return columns
    .filter((column) => column.kinds[0] !== ABSENT)
    .sort((a, b) => {
      for (const name of names) {
        const order = naturalOrder(a.labels.get(name), b.labels.get(name));
        if (order !== 0) return order * sign;
      }
      return a.labels.compare(b.labels) * sign;
    });
}

/** Runs of digits compare as numbers, the rest by bytes. */
function naturalOrder(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x[i]!, y[i]!];
    if (p === q) continue;
    const numbers = /^\d/.test(p) && /^\d/.test(q);
    const byNumber = numbers ? compareDigits(p, q) : 0;
    return byNumber !== 0 ? byNumber : compareBytes(p, q);
  }
  return x.length - y.length;
}

function compareDigits(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return x.length - y.length || compareBytes(x, y);
}
