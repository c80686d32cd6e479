/** and, or, unless: by matching labels, step by step. */
import type { Binary } from '../parser/ast.ts';
import { ABSENT, type Column, isEmpty, mergeAlike, ownOf } from './column.ts';
import { signatures } from './matching.ts';

export function setOperation(expr: Binary, lhs: readonly Column[], rhs: readonly Column[]): Column[] {
  const by = signatures(expr.matching!);
  const key = (column: Column): string => by.of(column.labels).key;
  if (expr.op === 'or') {
    const present = presence(lhs, key);
    const added = rhs.map((column) => masked(column, present.get(key(column)), false));
    return mergeAlike([...lhs.map(ownOf), ...added].filter((column) => !isEmpty(column)));
  }
  if (expr.op === 'unless' && rhs.length === 0) return lhs.filter((column) => !isEmpty(column));
  const present = presence(rhs, key);
  const wanted = expr.op === 'and';
  const asked = wanted ? lhs.filter((column) => present.has(key(column))) : lhs;
  return asked
    .map((column) => masked(column, present.get(key(column)), wanted))
    .filter((column) => !isEmpty(column));
}

/** Per matching labels, the steps at which any column has a value. */
function presence(columns: readonly Column[], key: (column: Column) => string): Map<string, Uint8Array> {
  const present = new Map<string, Uint8Array>();
  for (const column of columns) {
    const id = key(column);
    let steps = present.get(id);
    if (!steps) {
      steps = new Uint8Array(column.kinds.length);
      present.set(id, steps);
    }
    for (let i = 0; i < steps.length; i++) if (column.kinds[i] !== ABSENT) steps[i] = 1;
  }
  return present;
}

/** The column where `steps` is set (or, with `wanted` false, where it is not). */
function masked(column: Column, steps: Uint8Array | undefined, wanted: boolean): Column {
  const own = ownOf(column);
  if (!steps) return own;
  const { kinds } = own;
  for (let i = 0; i < kinds.length; i++) if ((steps[i] === 1) !== wanted) kinds[i] = ABSENT;
  return own;
}
