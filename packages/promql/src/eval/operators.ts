/** Operators on single floats. Comparisons answer 1 or 0. */
import type { BinaryOperator } from '../parser/ast.ts';

export type FloatOperator = (a: number, b: number) => number;

/**
 * IEEE pow as Go has it: 1^x and x^0 are 1, also for NaN, and (−1)^±Inf is 1.
 * Source: https://pkg.go.dev/math#Pow.
 */
function power(a: number, b: number): number {
  if (a === 1) return 1;
  if (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) return 1;
  return a ** b;
}

const OPERATORS: Readonly<Record<string, FloatOperator>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': power,
  atan2: Math.atan2,
  '==': (a, b) => (a === b ? 1 : 0),
  '!=': (a, b) => (a !== b ? 1 : 0),
  '>': (a, b) => (a > b ? 1 : 0),
  '<': (a, b) => (a < b ? 1 : 0),
  '>=': (a, b) => (a >= b ? 1 : 0),
  '<=': (a, b) => (a <= b ? 1 : 0),
};

/** Undefined for operators that floats do not have. */
export function floatOperator(op: BinaryOperator): FloatOperator | undefined {
  return OPERATORS[op];
}
