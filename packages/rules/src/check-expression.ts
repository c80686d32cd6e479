import { ParseError, parseExpr, valueTypeOf } from '@watchroom/promql';

/** Why a rule cannot have this expression, or undefined when it can. */
export function checkExpression(expr: string): string | undefined {
  try {
    valueTypeOf(parseExpr(expr));
    return undefined;
  } catch (error) {
    if (error instanceof ParseError) return error.message;
    throw error;
  }
}
