/**
 * Bytes in double quotes as Prometheus' messages show them: Go's %q (https://pkg.go.dev/strconv#Quote): printable runes as
 * they are, the rest as \n, \t, \x00, \u00ad, \U000e0001; bytes that are not UTF-8 as \xff.
 */
const NAMED: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

export function quoteBytes(bytes: Uint8Array): string {
  let out = '"';
  let i = 0;
  while (i < bytes.length) {
    const length = sequenceLength(bytes, i);
    if (length === 0) {
      out += `\\x${hex(bytes[i]!, 2)}`;
      i++;
      continue;
    }
    out += quoteRune(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(i, i + length)));
    i += length;
  }
  return `${out}"`;
}

export function quoteText(text: string): string {
  return quoteBytes(new TextEncoder().encode(text));
}

function quoteRune(rune: string): string {
  const code = rune.codePointAt(0)!;
  const named = NAMED[code];
  if (named !== undefined) return named;
  if (PRINTABLE.test(rune)) return rune;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** Length of the valid UTF-8 sequence at `i` (RFC 3629: shortest form, no surrogates), 0 when there is none. */
export function sequenceLength(bytes: Uint8Array, i: number): number {
  const first = bytes[i]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (i + length > bytes.length) return 0;
  const second = bytes[i + 1]!;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let k = 2; k < length; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return 0;
  return length;
}

export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let i = from;
  while (i < to && bytes[i]! < 0x80) i++;
  if (i === to) return true;
  const view = bytes.subarray(0, to);
  while (i < to) {
    const length = sequenceLength(view, i);
    if (length === 0) return false;
    i += length;
  }
  return true;
}
