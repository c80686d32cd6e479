/** A selector alone, as `match[]` of the HTTP API and /federate take it: no range, offset, `@` or expression around it. */
import type { VectorSelector } from './ast.ts';
import { ParseError, SyntaxProblem } from './errors.ts';
import { Primaries } from './primary.ts';
import { TokenStream } from './token-stream.ts';

/** Throws ParseError. Whether the matchers restrict anything is the caller's to check. */
export function parseMetricSelector(text: string): VectorSelector {
  try {
    const tokens = new TokenStream(text);
    const selector = new Primaries(tokens, false, () => tokens.unexpected()).metricSelector();
    if (!tokens.atEnd) tokens.unexpected();
    return selector;
  } catch (error) {
    if (error instanceof SyntaxProblem) throw new ParseError(text, [error.problem]);
    throw error;
  }
}
