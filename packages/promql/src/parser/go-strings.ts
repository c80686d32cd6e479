/**
 * String notation of the Go language, which PromQL uses: unquoting of literals, %q for runes and strings.
 * Source: https://go.dev/ref/spec#String_literals.
 */
const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The value of a quoted literal that the lexer has accepted; \x and octal escapes are bytes of UTF-8. */
export function unquote(literal: string): string {
  const body = literal.slice(1, -1);
  if (literal.startsWith('`') || !body.includes('\\')) return body;
  const bytes: number[] = [];
  for (let i = 0; i < body.length; ) {
    const c = body[i]!;
    if (c !== '\\') {
      const text = String.fromCodePoint(body.codePointAt(i)!);
      bytes.push(...encoder.encode(text));
      i += text.length;
      continue;
    }
    const kind = body[i + 1]!;
    const length = { x: 4, u: 6, U: 10 }[kind] ?? (/[0-7]/.test(kind) ? 4 : 2);
    if (length === 2) bytes.push(SIMPLE[kind] ?? kind.charCodeAt(0));
    else if (kind === 'x') bytes.push(Number.parseInt(body.slice(i + 2, i + 4), 16));
    else if (length === 4) bytes.push(Number.parseInt(body.slice(i + 1, i + 4), 8) & 255);
    else bytes.push(...encoder.encode(codePoint(Number.parseInt(body.slice(i + 2, i + length), 16))));
    i += length;
  }
  return decode(Uint8Array.from(bytes));
}

/** Bytes that are no UTF-8 become lone surrogates U+DC80…U+DCFF, so that they can be told and printed. */
function decode(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  if (!text.includes('\ufffd')) return text;
  let out = '';
  for (let i = 0; i < bytes.length; ) {
    const length = [1, 2, 3, 4].find((n) => isRune(bytes.subarray(i, i + n), n));
    if (length === undefined) out += String.fromCharCode(0xdc00 + bytes[i]!);
    else out += decoder.decode(bytes.subarray(i, i + length));
    i += length ?? 1;
  }
  return out;
}

function isRune(bytes: Uint8Array, length: number): boolean {
  if (bytes.length !== length) return false;
  const text = decoder.decode(bytes);
  return [...text].length === 1 && (text !== '\ufffd' || length === 3);
}

function codePoint(code: number): string {
  return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
}

/** Go's %q of one rune: `'x'`. */
export function quoteRune(c: string): string {
  if (c === '') return "'\\uffff'";
  if (c === "'") return `'\\''`;
  const quoted = quote(c).slice(1, -1).replace('\\"', '"');
  return `'${quoted}'`;
}

/** Go's %q of a string: `"a\nb"`; printable characters stay. */
export function quote(text: string): string {
  let out = '"';
  for (const c of text) {
    const code = c.codePointAt(0)!;
    const simple = '\x07\b\f\n\r\t\v'.indexOf(c);
    if (c === '"' || c === '\\') out += `\\${c}`;
    else if (simple >= 0) out += `\\${'abfnrtv'[simple]}`;
    else if (code >= 0xdc80 && code <= 0xdcff) out += `\\x${(code - 0xdc00).toString(16)}`;
    else if (code < 32 || code === 127) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else out += c;
  }
  return `${out}"`;
}
