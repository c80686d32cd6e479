/** One token of lookahead over the lexer's list, and the wording of "unexpected …". */

import { SyntaxProblem } from './errors.ts';
import { AGGREGATES } from './function-table.ts';
import { quote } from './go-strings.ts';
import { type Token, tokenize } from './lexer.ts';

const OPERATORS: ReadonlySet<string> = new Set([
  ...['+', '-', '*', '/', '%', '^', '==', '!=', '<', '>', '<=', '>=', '</', '>/', '@'],
  ...['=~', '!~', 'and', 'or', 'unless', 'atan2'],
]);

export class TokenStream {
  readonly text: string;
  readonly #tokens: readonly Token[];
  #index = 0;
  /** End of the last token taken. */
  lastEnd = 0;

  constructor(text: string) {
    this.text = text;
    this.#tokens = tokenize(text);
  }

  get current(): Token {
    return this.#tokens[this.#index]!;
  }

  get atEnd(): boolean {
    return this.current.kind === 'eof';
  }

  get following(): Token | undefined {
    return this.#tokens[this.#index + 1];
  }

  take(): Token {
    const token = this.current;
    if (token.kind === 'error') this.unexpected();
    this.lastEnd = token.end;
    if (this.#index < this.#tokens.length - 1) this.#index++;
    return token;
  }

  /** Whether the current token is this symbol or keyword. */
  at(value: string): boolean {
    const { kind, value: text } = this.current;
    return (kind === 'symbol' || kind === 'keyword') && text === value;
  }

  /** Takes the symbol or keyword if it is there. */
  accept(value: string): boolean {
    if (!this.at(value)) return false;
    this.take();
    return true;
  }

  expect(value: string, context = '', expected = ''): Token {
    if (!this.at(value)) this.unexpected(context, expected);
    return this.take();
  }

  /** Fails at the current token; a lexical error speaks for itself. */
  unexpected(context = '', expected = ''): never {
    const token = this.current;
    if (token.kind === 'error') throw new SyntaxProblem(token.value, token.start, token.end);
    let message = `unexpected ${describe(token)}`;
    if (context !== '') message += ` in ${context}`;
    if (expected !== '') message += `, expected ${expected}`;
    throw new SyntaxProblem(message, token.start, token.end);
  }
}

function describe(token: Token): string {
  switch (token.kind) {
    case 'eof':
      return 'end of input';
    case 'identifier':
      return `identifier ${quote(token.value)}`;
    case 'metricIdentifier':
      return `metric identifier ${quote(token.value)}`;
    case 'string':
    case 'number':
    case 'duration':
      return `${token.kind} ${shortened(token.text)}`;
    default:
      if (OPERATORS.has(token.value)) return `<op:${token.value}>`;
      if (AGGREGATES.has(token.value)) return `<aggr:${token.value}>`;
      return token.kind === 'keyword' ? `<${token.value}>` : quote(token.value);
  }
}

function shortened(text: string): string {
  const runes = [...text];
  return runes.length > 10 ? `${quote(runes.slice(0, 10).join(''))}...` : quote(text);
}
