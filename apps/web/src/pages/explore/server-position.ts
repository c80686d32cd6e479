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
