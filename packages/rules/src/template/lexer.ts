/**
 * Tokens of Go's text/template: text outside `{{ }}`, and inside names, fields, variables, literals and punctuation.
 * `{{- ` trims white space before an action, ` -}}` after it; comments stand between `{{/` `*` and `*` `/}}`.
 * Source: https://pkg.go.dev/text/template and its parse/lex.go (which errors, and with which words).
 */
export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'space'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'keyword'
  | 'bool'
  | 'nil'
  | 'dot'
  | 'number'
  | 'char'
  | 'string'
  | 'raw'
  | 'pipe'
  | 'declare'
  | 'assign'
  | 'left'
  | 'right'
  | 'punctuation'
  | 'error'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Offset in UTF-16 units. */
  readonly at: number;
  readonly line: number;
}

const KEYWORDS = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
]);
const SPACE = /[ \t\r\n]/;
const WORD = /[\p{L}\p{Nd}_]/u;
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]+)?|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*)?(?:\.[\d_]*)?(?:[eE][+-]?[\d_]+)?)i?/y;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"/y;
const CHAR = /'(?:[^'\\\n]|\\[^\n])*'/y;
const SINGLES: Readonly<Record<string, TokenKind>> = { '=': 'assign', '|': 'pipe' };

/** Ends with an `end` or an `error` token, whose text is the message. */
export function tokenize(source: string): Token[] {
  return new Lexer(source).run();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    while (this.#text()) {
      while (this.#tokens.at(-1)!.kind !== 'close') {
        if (!this.#inside()) return this.#tokens;
      }
    }
    return this.#tokens;
  }

  /** Reads text up to an action; false when the source ends or a comment is broken. */
  #text(): boolean {
    const start = this.#at;
    const open = this.#source.indexOf('{{', start);
    const end = open < 0 ? this.#source.length : open;
    const trims = open >= 0 && this.#source[open + 2] === '-' && SPACE.test(this.#source[open + 3] ?? '');
    const text = this.#source.slice(start, end);
    const kept = trims ? text.replace(/[ \t\r\n]+$/, '') : text;
    if (kept !== '') this.#push('text', kept, start);
    if (open < 0) {
      this.#push('end', '', this.#source.length);
      return false;
    }
    const body = open + (trims ? 4 : 2);
    if (this.#source.startsWith('/*', body)) return this.#comment(body) && this.#text();
    this.#push('open', '{{', open);
    this.#at = open + (trims ? 3 : 2);
    this.#depth = 0;
    return true;
  }

  #comment(body: number): boolean {
    const end = this.#source.indexOf('*/', body);
    if (end < 0) return this.#fail('unclosed comment', body);
    this.#at = end + 2;
    const close = this.#closing();
    if (close === undefined) return this.#fail('comment ends before closing delimiter', body);
    this.#skipClose(close);
    return true;
  }

  /** Length of the right delimiter here, with its trim marker, or undefined. */
  #closing(): number | undefined {
    if (this.#source.startsWith('}}', this.#at)) return 2;
    const trims = SPACE.test(this.#source[this.#at] ?? '') && this.#source.startsWith('-}}', this.#at + 1);
    return trims ? 4 : undefined;
  }

  #skipClose(length: number): boolean {
    this.#at += length;
    if (length === 4) while (SPACE.test(this.#source[this.#at] ?? '')) this.#at++;
    return true;
  }

  /** One token of an action; false when it is an error. */
  #inside(): boolean {
    const at = this.#at;
    const closing = this.#closing();
    if (closing !== undefined) {
      if (this.#depth > 0) return this.#fail('unclosed left paren');
      this.#push('close', '}}', at);
      return this.#skipClose(closing);
    }
    const char = this.#char();
    if (char === '') return this.#fail('unclosed action');
    if (SPACE.test(char)) return this.#space();
    const single = SINGLES[char];
    if (single) return this.#take(single, 1);
    if (char === ':') {
      if (this.#source[at + 1] !== '=') return this.#fail('expected :=');
      return this.#take('declare', 2);
    }
    if (char === '"') return this.#literal(STRING, 'string', 'unterminated quoted string');
    if (char === "'") return this.#literal(CHAR, 'char', 'unterminated character constant');
    if (char === '`') return this.#raw();
    if (char === '$') return this.#name('variable');
    if (char === '.' && !/\d/.test(this.#source[at + 1] ?? '')) return this.#name('field');
    if (/[.+\-\d]/.test(char)) return this.#number();
    if (WORD.test(char)) return this.#word();
    if (char === '(' || char === ')') return this.#paren(char);
    if (/[\x20-\x7e]/.test(char)) return this.#take('punctuation', 1);
    return this.#fail(`unrecognized character in action: ${unicode(char)}`);
  }

  /** A run of white space, without the one that belongs to a right trim marker. */
  #space(): boolean {
    const start = this.#at;
    while (SPACE.test(this.#source[this.#at] ?? '') && this.#closing() === undefined) this.#at++;
    return this.#at === start || this.#push('space', this.#source.slice(start, this.#at), start);
  }

  #paren(char: string): boolean {
    this.#depth += char === '(' ? 1 : -1;
    if (this.#depth < 0) return this.#fail('unexpected right paren');
    return this.#take(char === '(' ? 'left' : 'right', 1);
  }

  #literal(pattern: RegExp, kind: TokenKind, fault: string): boolean {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (!match) return this.#fail(fault);
    return this.#take(kind, match[0].length);
  }

  #raw(): boolean {
    const end = this.#source.indexOf('`', this.#at + 1);
    if (end < 0) return this.#fail('unterminated raw quoted string');
    return this.#take('raw', end + 1 - this.#at);
  }

  #number(): boolean {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#source)?.[0] ?? '';
    const next = String.fromCodePoint(this.#source.codePointAt(this.#at + text.length) ?? 0x20);
    if (!/\d/.test(text) || WORD.test(next))
      return this.#fail(`bad number syntax: ${JSON.stringify(text + next)}`);
    return this.#take('number', text.length);
  }

  /** `.Field`, `.`, `$name` or `$`. */
  #name(kind: 'field' | 'variable'): boolean {
    const end = this.#wordEnd(this.#at + 1);
    const empty = end === this.#at + 1;
    if (!this.#terminates(end)) return this.#fail(`bad character ${unicode(this.#char(end))}`);
    return this.#take(empty && kind === 'field' ? 'dot' : kind, end - this.#at);
  }

  #word(): boolean {
    const end = this.#wordEnd(this.#at);
    const text = this.#source.slice(this.#at, end);
    if (!this.#terminates(end)) return this.#fail(`bad character ${unicode(this.#char(end))}`);
    const kind = KEYWORDS.has(text)
      ? 'keyword'
      : text === 'true' || text === 'false'
        ? 'bool'
        : text === 'nil'
          ? 'nil'
          : 'identifier';
    return this.#take(kind, text.length);
  }

  #wordEnd(from: number): number {
    let end = from;
    for (let char = this.#char(end); char !== '' && WORD.test(char); char = this.#char(end))
      end += char.length;
    return end;
  }

  #terminates(at: number): boolean {
    return (
      at >= this.#source.length ||
      /[ \t\r\n.,|:)(]/.test(this.#source[at]!) ||
      this.#source.startsWith('}}', at)
    );
  }

  #char(at = this.#at): string {
    const code = this.#source.codePointAt(at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #take(kind: TokenKind, length: number): boolean {
    this.#push(kind, this.#source.slice(this.#at, this.#at + length), this.#at);
    this.#at += length;
    return true;
  }

  #push(kind: TokenKind, text: string, at: number): true {
    this.#tokens.push({ kind, text, at, line: this.#line(at) });
    return true;
  }

  #fail(message: string, at = this.#at): false {
    this.#push('error', message, at);
    return false;
  }

  #line(at: number): number {
    let line = 1;
    for (let i = this.#source.indexOf('\n'); i >= 0 && i < at; i = this.#source.indexOf('\n', i + 1)) line++;
    return line;
  }
}

/** Go's %#U. */
function unicode(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char) && code !== 0xa0 ? `${name} '${char}'` : name;
}
