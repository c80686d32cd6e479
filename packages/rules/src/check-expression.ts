import { ParseError, type ParseOptions, parseExpr } from '@watchroom/promql';

/** Why a rule cannot have this expression, or undefined when it can. */
export function checkExpression(expr: string, options: ParseOptions): string | undefined {
  try {
    parseExpr(expr, options);
    return undefined;
  } catch (error) {
    if (error instanceof ParseError) return error.message;
    throw error;
  }
}
