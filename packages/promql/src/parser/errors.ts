/** Errors of parsing, with positions as Prometheus prints them (`1:5: parse error: …`, columns in bytes from 1). */
import type { Span } from './ast.ts';

export interface Problem extends Span {
  /** Without position. */
  readonly message: string;
}

/** The first problem of a query; `message` is Prometheus' text with position, `reason` the text alone. */
export class ParseError extends Error {
  readonly reason: string;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly line: number;
  readonly column: number;
  /** All problems found, the first included. */
  readonly problems: readonly Problem[];

  constructor(query: string, problems: readonly Problem[]) {
    const first = problems[0]!;
    const { line, column } = lineAndColumn(query, first.start);
    const place = query === '' ? 'unknown position' : `${line}:${column}`;
    super(`${place}: parse error: ${first.message}`);
    this.name = 'ParseError';
    this.reason = first.message;
    this.startOffset = first.start;
    this.endOffset = first.end;
    this.line = line;
    this.column = column;
    this.problems = problems;
  }
}

const encoder = new TextEncoder();

/** Line and column from 1; columns count UTF-8 bytes, as Prometheus' do. */
export function lineAndColumn(query: string, offset: number): { line: number; column: number } {
  const before = query.slice(0, Math.max(0, offset));
  const lastBreak = before.lastIndexOf('\n');
  let line = 1;
  for (let i = before.indexOf('\n'); i >= 0; i = before.indexOf('\n', i + 1)) line++;
  return { line, column: encoder.encode(before.slice(lastBreak + 1)).length + 1 };
}

/** Stops the parser at the first problem of the syntax. */
export class SyntaxProblem extends Error {
  readonly problem: Problem;

  constructor(message: string, start: number, end: number) {
    super(message);
    this.problem = { message, start, end };
  }
}
