/**
 * Sample values from bytes, correctly rounded.
 *
 *   decimal = [+-] ( digits [ "." [digits] ] | "." digits ) [ (e|E) [+-] digits ]
 *
 * A number whose digits, read as an integer, stay within 2^53 and whose power of ten is at most 22 either way is one exact
 * multiplication or division (W. D. Clinger, "How to Read Floating Point Numbers Accurately", 1990). Digits are added up in
 * two int32 halves of nine. Everything else goes through `Number`, which rounds correctly by definition.
 */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const MAX_EXACT = 2 ** 53;
/** More digits than two int32 halves of nine can hold. */
const HALF_DIGITS = 9;
const MAX_DIGITS = 18;

/** Reads a decimal at a position; `end` is the first byte after it, or -1 when there is no plain decimal there. */
export class DecimalReader {
  end = -1;

  /** The value at `start`; look at `end` first. The byte at `end` is never part of a decimal. Reads below `limit` only. */
  read(bytes: Uint8Array, start: number, limit: number): number {
    let i = start;
    let c = i < limit ? bytes[i]! : 0;
    const negative = c === 45;
    if (negative || c === 43) c = ++i < limit ? bytes[i]! : 0;
    let high = 0;
    let low = 0;
    let lowDigits = 0;
    let digits = 0;
    let seen = 0;
    let scale = 0;
    let fraction = false;
    for (;;) {
      const d = c - 48;
      if (d >= 0 && d <= 9) {
        seen++;
        if (digits < HALF_DIGITS) {
          high = (high * 10 + d) | 0;
          if (high !== 0) digits++;
        } else {
          low = (low * 10 + d) | 0;
          digits++;
          lowDigits++;
          if (digits > MAX_DIGITS) return this.#viaNumber(bytes, start, limit);
        }
        if (fraction) scale--;
      } else if (c === 46 && !fraction) fraction = true;
      else break;
      c = ++i < limit ? bytes[i]! : 0;
    }
    if (seen === 0) {
      this.end = -1;
      return 0;
    }
    if (c === 101 || c === 69) {
      const exponent = this.#exponent(bytes, i + 1, limit);
      if (this.end < 0) return 0;
      scale += exponent;
    } else this.end = i;
    const mantissa = high * POWERS[lowDigits]! + low;
    if (mantissa > MAX_EXACT || scale > 22 || scale < -22) return this.#viaNumber(bytes, start, limit);
    const value = scale < 0 ? mantissa / POWERS[-scale]! : mantissa * POWERS[scale]!;
    return negative ? -value : value;
  }

  #exponent(bytes: Uint8Array, start: number, limit: number): number {
    let i = start;
    const negative = i < limit && bytes[i] === 45;
    if (i < limit && (negative || bytes[i] === 43)) i++;
    const from = i;
    let exponent = 0;
    for (; i < limit; i++) {
      const d = bytes[i]! - 48;
      if (d < 0 || d > 9) break;
      if (exponent < 100_000) exponent = exponent * 10 + d;
    }
    this.end = i === from ? -1 : i;
    return negative ? -exponent : exponent;
  }

  /** An overflow to infinity is no decimal: Go reports it as out of range. */
  #viaNumber(bytes: Uint8Array, start: number, limit: number): number {
    let i = start;
    while (i < limit && isDecimalByte(bytes[i]!)) i++;
    const text = latin1(bytes, start, i);
    const value = Number(text);
    this.end = Number.isFinite(value) ? i : -1;
    return value;
  }
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function isDecimalByte(c: number): boolean {
  return (c >= 48 && c <= 57) || c === 46 || c === 43 || c === 45 || c === 101 || c === 69;
}

/** Below this, joining single characters costs less than a view and a spread. */
const SHORT_TEXT = 40;

/** The bytes as a string of code units 0..255. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  if (to - from < SHORT_TEXT) {
    for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
    return text;
  }
  for (let i = from; i < to; i += 4096)
    text += String.fromCharCode(...bytes.subarray(i, Math.min(to, i + 4096)));
  return text;
}

/**
 * The value of a whole token, or the message of Go's strconv.ParseFloat (https://pkg.go.dev/strconv#ParseFloat): decimal, or
 * inf, infinity (signed or not), nan (unsigned) in any case; no hexadecimal, no underscores.
 */
export function parseToken(text: string): number | string {
  if (/[pP_]/.test(text)) return 'unsupported character in float';
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : 'value out of range';
  }
  if (/^\+?inf(?:inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-inf(?:inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  return 'invalid syntax';
}
