/** Go string and character literals to their text. Source: https://go.dev/ref/spec#String_literals */
const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};
const ESCAPE =
  /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"])|([\s\S]?))/g;

/** The text of a quoted literal, or undefined when an escape is wrong. Bytes above 0x7f (`\xff`) read as that code point. */
export function unquote(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  if (literal.startsWith('`')) return body.replaceAll('\r', '');
  let ok = true;
  const text = body.replace(ESCAPE, (_all, hex, short, long, octal, simple) => {
    if (simple !== undefined) return SIMPLE[simple] ?? '';
    const code =
      octal !== undefined ? Number.parseInt(octal, 8) : Number.parseInt(hex ?? short ?? long ?? '', 16);
    if (Number.isNaN(code) || code > 0x10ffff) {
      ok = false;
      return '';
    }
    return String.fromCodePoint(code);
  });
  return ok ? text : undefined;
}
