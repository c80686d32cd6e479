/** Lists of label names in parentheses: `by (a, "b c")`, `on ()`. A trailing comma is allowed. */
import { unquote } from './go-strings.ts';
import type { TokenStream } from './token-stream.ts';

/** Keywords that are no label names without quotes. */
const RESERVED: ReadonlySet<string> = new Set(['inf', 'nan']);

export function groupingLabels(tokens: TokenStream): string[] {
  tokens.expect('(', 'grouping opts', '"("');
  const labels: string[] = [];
  while (!tokens.at(')')) {
    labels.push(groupingLabel(tokens));
    if (tokens.accept(',')) continue;
    if (!tokens.at(')')) tokens.unexpected('grouping opts', '"," or ")"');
  }
  tokens.take();
  return labels;
}

function groupingLabel(tokens: TokenStream): string {
  const { kind, text } = tokens.current;
  if (kind === 'string') return unquote(tokens.take().text);
  if ((kind === 'identifier' || kind === 'keyword') && !RESERVED.has(text)) return tokens.take().text;
  if (kind === 'metricIdentifier') return tokens.take().text;
  tokens.unexpected('grouping opts', 'label');
}
