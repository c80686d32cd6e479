/** Where a query is wrong, from the server's words: `1:9: parse error: unclosed left parenthesis` (line:column, from 1). */
export interface QueryFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const POSITION = /(?:^|\s)(\d+):(\d+): (parse error: .*)$/s;

export function faultOf(message: string | undefined): QueryFault | undefined {
  const match = POSITION.exec(message ?? '');
  return match ? { line: Number(match[1]), column: Number(match[2]), message: match[3]! } : undefined;
}

/** Offsets of what is marked: the word at the place, or the character there; at the very end the last character. */
export function markOf(query: string, { line, column }: QueryFault): { from: number; to: number } {
  const lines = query.split('\n');
  const at = Math.min(Math.max(1, line), lines.length) - 1;
  const start = lines.slice(0, at).reduce((sum, text) => sum + text.length + 1, 0);
  const text = lines[at]!;
  const from = Math.min(Math.max(0, column - 1), Math.max(0, text.length - 1));
  const word = /^[\w:]+/.exec(text.slice(from))?.[0] ?? '';
  return { from: start + from, to: start + Math.min(text.length, from + Math.max(1, word.length)) };
}

/** The line at fault with a mark under it, two lines of fixed-width text. */
export function markedLine(query: string, fault: QueryFault): string {
  const { from, to } = markOf(query, fault);
  const start = query.lastIndexOf('\n', from - 1) + 1;
  const end = query.indexOf('\n', from);
  const text = query.slice(start, end < 0 ? query.length : end);
  const before = text.slice(0, from - start).replace(/[^\t]/g, ' ');
  return `${text}\n${before}${'^'.repeat(Math.max(1, to - from))}`;
}
