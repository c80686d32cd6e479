/**
 * Tokens of PromQL, with the error texts of Prometheus' lexer. A lexical error is the last token of the list, so that
 * the parser reports what comes first in the text.
 * Grammar: identifiers [a-zA-Z_:][a-zA-Z0-9_:]*; numbers decimal, 0x…, with _ between digits, durations 1h30m;
 * strings in ", ' (Go escapes) or ` (raw); # comments to the end of the line.
 */
import { quoteRune } from './go-strings.ts';

export type TokenKind =
  | 'identifier'
  | 'metricIdentifier'
  | 'keyword'
  | 'number'
  | 'duration'
  | 'string'
  | 'symbol'
  | 'eof'
  | 'error';

export interface Token {
  readonly kind: TokenKind;
  /** The text; for keywords and symbols the canonical (lower-case) spelling; for errors the message. */
  readonly value: string;
  /** The text as written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export const KEYWORDS: ReadonlySet<string> = new Set([
  ...[
    'and',
    'or',
    'unless',
    'atan2',
    'sum',
    'avg',
    'count',
    'min',
    'max',
    'group',
    'stddev',
    'stdvar',
    'topk',
  ],
  ...['bottomk', 'count_values', 'quantile', 'limitk', 'limit_ratio', 'offset', 'smoothed', 'anchored', 'by'],
  ...['without', 'on', 'ignoring', 'group_left', 'group_right', 'bool', 'fill', 'fill_left', 'fill_right'],
  ...['start', 'end', 'step', 'range', 'min_of', 'max_of'],
]);

const DURATION_WORDS = /(?:step|range|min_of|max_of)(?![a-zA-Z0-9_])/iy;
const IDENTIFIER = /[a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z0-9_]*/y;
const SPACE = /[ \t\n\r]*/y;
/** Two characters that form one symbol outside braces. */
const PAIRS: ReadonlySet<string> = new Set(['==', '!=', '<=', '>=', '</', '>/']);

const isSpace = (c: string): boolean => c === ' ' || c === '\t' || c === '\n' || c === '\r';
const isAlpha = (c: string): boolean => /^[a-zA-Z_]$/.test(c);
const isDigit = (c: string): boolean => c >= '0' && c <= '9' && c.length === 1;
const isAlphaNumeric = (c: string): boolean => isAlpha(c) || isDigit(c);

class LexicalError extends Error {}

/** All tokens of a text; the last is `eof` or `error`. */
export function tokenize(input: string): Token[] {
  return new Lexer(input).run();
}

class Lexer {
  readonly #input: string;
  readonly #tokens: Token[] = [];
  #pos = 0;
  #start = 0;
  #parens = 0;
  #inBraces = false;
  #inBrackets = false;
  /** Right after `[` or within the arithmetic of a duration, where only durations may come. */
  #expectDuration = false;
  #gotColon = false;

  constructor(input: string) {
    this.#input = input;
  }

  run(): Token[] {
    try {
      while (this.#step());
    } catch (error) {
      if (!(error instanceof LexicalError)) throw error;
      const end = this.#input.length;
      this.#tokens.push({ kind: 'error', value: error.message, text: '', start: this.#start, end });
    }
    return this.#tokens;
  }

  #peek(): string {
    const code = this.#input.codePointAt(this.#pos);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #next(): string {
    const c = this.#peek();
    this.#pos += c.length;
    return c;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#pos;
    const text = pattern.exec(this.#input)?.[0] ?? '';
    this.#pos += text.length;
    return text;
  }

  #emit(kind: TokenKind, value?: string): true {
    const text = this.#input.slice(this.#start, this.#pos);
    this.#tokens.push({ kind, value: value ?? text, text, start: this.#start, end: this.#pos });
    return true;
  }

  #fail(message: string): never {
    throw new LexicalError(message);
  }

  #step(): boolean {
    this.#take(SPACE);
    this.#start = this.#pos;
    if (this.#peek() === '#') {
      const end = this.#input.indexOf('\n', this.#pos);
      this.#pos = end < 0 ? this.#input.length : end;
      return true;
    }
    if (this.#inBraces) return this.#insideBraces();
    return this.#expectDuration ? this.#durationExpr() : this.#statement();
  }

  #statement(): boolean {
    const c = this.#next();
    if (c === '') return this.#end();
    if (isDigit(c) || (c === '.' && isDigit(this.#peek()))) return this.#number();
    if (c === '"' || c === "'" || c === '`') return this.#string(c);
    if (isAlpha(c) || c === ':') return this.#word(c);
    if (PAIRS.has(c + this.#peek())) {
      this.#next();
      return this.#emit('symbol');
    }
    if (c === '=' && this.#peek() === '~') this.#fail(`unexpected character after '=': '~'`);
    if (c === '!') this.#fail(`unexpected character after '!': ${quoteRune(this.#next())}`);
    if (',*/%+-^=<>@'.includes(c)) return this.#emit('symbol');
    return this.#bracket(c);
  }

  #bracket(c: string): true {
    switch (c) {
      case '(':
        this.#parens++;
        return this.#emit('symbol');
      case ')':
        if (--this.#parens < 0) this.#fail(`unexpected right parenthesis ')'`);
        return this.#emit('symbol');
      case '{':
        this.#inBraces = true;
        return this.#emit('symbol');
      case '[':
        if (this.#inBrackets) this.#fail(`unexpected left bracket '['`);
        this.#inBrackets = true;
        this.#gotColon = false;
        this.#expectDuration = true;
        return this.#emit('symbol');
      case ']':
        if (!this.#inBrackets) this.#fail(`unexpected right bracket ']'`);
        this.#inBrackets = false;
        return this.#emit('symbol');
      default:
        this.#fail(`unexpected character: ${quoteRune(c)}`);
    }
  }

  #end(): false {
    if (this.#parens !== 0) this.#fail('unclosed left parenthesis');
    if (this.#inBrackets) this.#fail('unclosed left bracket');
    this.#emit('eof');
    return false;
  }

  #word(c: string): true {
    if (this.#inBrackets) {
      if (c === ':') {
        if (this.#gotColon) this.#fail(`unexpected colon ':'`);
        this.#gotColon = true;
        return this.#emit('symbol');
      }
      this.#pos = this.#start;
      const word = this.#take(DURATION_WORDS);
      if (word !== '') return this.#emit('keyword', word.toLowerCase());
      this.#pos = this.#start + 1;
      this.#fail(`unexpected character: ${quoteRune(c)}, expected ':'`);
    }
    this.#take(IDENTIFIER);
    const word = this.#input.slice(this.#start, this.#pos);
    const lower = word.toLowerCase();
    if (KEYWORDS.has(lower)) return this.#emit('keyword', lower);
    if (lower === 'inf' || lower === 'nan') return this.#emit('number');
    return this.#emit(word.includes(':') ? 'metricIdentifier' : 'identifier');
  }

  #insideBraces(): true {
    const c = this.#next();
    if (c === '') this.#fail('unexpected end of input inside braces');
    if (isAlpha(c)) {
      this.#take(LABEL);
      return this.#emit('identifier');
    }
    if (c === ',') return this.#emit('symbol');
    if (c === '"' || c === "'" || c === '`') return this.#string(c);
    if (c === '=') {
      if (this.#peek() === '~') this.#next();
      return this.#emit('symbol');
    }
    if (c === '!') {
      const next = this.#next();
      if (next === '~' || next === '=') return this.#emit('symbol');
      this.#fail(`unexpected character after '!' inside braces: ${quoteRune(next)}`);
    }
    if (c === '{') this.#fail(`unexpected left brace '{'`);
    if (c !== '}') this.#fail(`unexpected character inside braces: ${quoteRune(c)}`);
    this.#inBraces = false;
    return this.#emit('symbol');
  }

  #durationExpr(): true {
    const c = this.#next();
    if (c === '') this.#fail('unexpected end of input in duration expression');
    if (isDigit(c) || (c === '.' && isDigit(this.#peek()))) {
      this.#expectDuration = false;
      return this.#number();
    }
    if ('+-*/%^,'.includes(c)) return this.#emit('symbol');
    if (c === '(' || c === ')' || c === ']') {
      if (c === ']') this.#expectDuration = false;
      return this.#bracket(c);
    }
    if (c === ':') this.#fail('unexpected colon before duration in duration expression');
    this.#pos = this.#start;
    const word = this.#take(DURATION_WORDS);
    if (word === '') this.#fail(`unexpected character in duration expression: ${quoteRune(this.#next())}`);
    this.#expectDuration = false;
    return this.#emit('keyword', word.toLowerCase());
  }

  /** A number unless a letter or digit follows; then a duration. */
  #number(): true {
    this.#pos = this.#start;
    if (this.#scanNumber()) return this.#emit('number');
    if (this.#scanDurationRest()) return this.#emit('duration');
    this.#fail(`bad number or duration syntax: ${JSON.stringify(this.#input.slice(this.#start, this.#pos))}`);
  }

  #accept(characters: string): boolean {
    const c = this.#peek();
    if (c === '' || !characters.includes(c)) return false;
    this.#next();
    return true;
  }

  /** What is taken before a refusal shows in the error's text, as upstream has it. */
  #scanNumber(): boolean {
    let digits = '0123456789';
    if (this.#accept('0') && this.#accept('xX')) {
      this.#accept('_');
      digits += 'abcdefABCDEF';
    }
    const isHex = digits.length > 10;
    this.#accept('.');
    this.#accept(digits);
    let dot = false;
    let exponent = false;
    for (let c = this.#peek(); c !== '' && `${digits}._eE`.includes(c); c = this.#peek()) {
      const isExponent = c === 'e' || c === 'E';
      if ((c === '.' && dot) || (isExponent && exponent)) {
        this.#next();
        return false;
      }
      if (c === '.') {
        this.#next();
        dot = true;
        if (this.#accept('_.') || isHex) return false;
      } else if (isExponent) {
        this.#next();
        exponent = true;
        this.#accept('+-');
        if (this.#accept('._eE') || this.#peek() === '') return false;
      } else if (c === '_') {
        this.#next();
        if (this.#accept('._eE') || this.#peek() === '') return false;
      } else while (this.#accept(digits));
    }
    return this.#pos > this.#start && !isAlphaNumeric(this.#peek());
  }

  /** The unit after a count, and further counts with units. */
  #scanDurationRest(): boolean {
    if (!this.#accept('smhdwy')) return false;
    this.#accept('s');
    while (this.#accept('0123456789')) {
      while (this.#accept('0123456789'));
      if (!this.#accept('smhdw')) return false;
      this.#accept('s');
    }
    if (!isAlphaNumeric(this.#peek())) return true;
    this.#next();
    return false;
  }

  #string(quote: string): true {
    for (;;) {
      const c = this.#next();
      if (quote === '`') {
        if (c === '') this.#fail('unterminated raw string');
      } else if (c === '\\') this.#escape(quote);
      else if (c === '' || c === '\n') this.#fail('unterminated quoted string');
      if (c === quote) return this.#emit('string');
    }
  }

  #escape(quote: string): void {
    const c = this.#next();
    if (c === '') this.#fail('escape sequence not terminated');
    if (`abfnrtv\\${quote}`.includes(c)) return;
    const form = { x: [2, 16], u: [4, 16], U: [8, 16] }[c] ?? (/[0-7]/.test(c) ? [2, 8] : undefined);
    if (form === undefined) {
      const code = c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      this.#fail(`unknown escape sequence U+${code} ${quoteRune(c)}`);
    }
    const [count, base] = form as [number, number];
    for (let i = 0; i < count; i++) {
      const digit = this.#next();
      if (digit === '') this.#fail('escape sequence not terminated');
      if (Number.isNaN(Number.parseInt(digit, base))) {
        const code = digit.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
        this.#fail(`illegal character U+${code} ${quoteRune(digit)} in escape sequence`);
      }
    }
  }
}

export { isSpace };
