/** Which error a binary operator fails with: the first in the order in which Prometheus goes, step by step, series by series. */
import type { Labels } from '@watchroom/model';
import { ExecutionError } from '../errors.ts';
import type { Binary } from '../parser/ast.ts';
import { ABSENT, type Column } from './column.ts';
import { goLabels } from './go-labels.ts';

interface Sides {
  readonly many: readonly Column[];
  readonly one: readonly Column[];
  readonly swapped: boolean;
  readonly count: number;
}

interface Rules {
  /** The matching labels. */
  signatureOf(labels: Labels): Labels;
  /** The labels of a result. */
  labelsOf(many: Labels, one: Labels): Labels;
  /** Whether the operator takes these two values. */
  isMatch(many: Column, one: Column, step: number): boolean;
}

/** Only for operands that are known to fail. */
export function matchingError(expr: Binary, sides: Sides, rules: Rules): ExecutionError {
  for (let step = 0; step < sides.count; step++) {
    const message = failureAt(expr, sides, rules, step);
    if (message !== undefined) return new ExecutionError(message);
  }
  return new ExecutionError(multipleMatches(expr));
}

function failureAt(expr: Binary, sides: Sides, rules: Rules, step: number): string | undefined {
  const { fillLeft, fillRight, card } = expr.matching!;
  const present = (column: Column): boolean => column.kinds[step] !== ABSENT;
  const [many, one] = [sides.many.filter(present), sides.one.filter(present)];
  const fills = fillLeft !== undefined || fillRight !== undefined;
  if (!fills && (many.length === 0 || one.length === 0)) return undefined;
  const ones = new Map<string, Column>();
  for (const column of one) {
    const { key } = rules.signatureOf(column.labels);
    const other = ones.get(key);
    if (other) return duplicates(rules.signatureOf(column.labels), column, other, sides.swapped);
    ones.set(key, column);
  }
  const seen = new Set<string>();
  for (const column of many) {
    const signature = rules.signatureOf(column.labels);
    const partner = ones.get(signature.key);
    if (!partner && fillRight === undefined) continue;
    if (partner && !rules.isMatch(column, partner, step)) continue;
    const own = rules.labelsOf(column.labels, partner?.labels ?? signature);
    const key = card === 'one-to-one' ? signature.key : `${signature.key}\u0000${own.key}`;
    if (seen.has(key)) return multipleMatches(expr);
    seen.add(key);
  }
  return undefined;
}

function multipleMatches({ matching }: Binary): string {
  return matching!.card === 'one-to-one'
    ? 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)'
    : 'multiple matches for labels: grouping labels must ensure unique matches';
}

function duplicates(group: Labels, column: Column, other: Column, swapped: boolean): string {
  const both = `[${goLabels(column.labels)}, ${goLabels(other.labels)}]`;
  return (
    `found duplicate series for the match group ${goLabels(group)} on the ${swapped ? 'left' : 'right'} hand-side of the operation: ${both}` +
    ';many-to-many matching not allowed: matching labels must be unique on one side'
  );
}
