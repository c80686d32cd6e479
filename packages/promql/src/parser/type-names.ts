/** How Prometheus' messages call the types. */
import type { ValueType } from './ast.ts';

const NAMES: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  vector: 'instant vector',
  matrix: 'range vector',
  string: 'string',
  none: 'none',
};

export function typeName(type: ValueType): string {
  return NAMES[type];
}
