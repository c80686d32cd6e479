/**
 * Numbers as Go programs read them in YAML: decimal, hexadecimal, octal, binary, with underscores, `.inf`, `.nan`.
 * Source: https://yaml.org/type/int.html and …/float.html, with the prefixes of Go's literals.
 */
const SPECIAL = /^([+-]?)\.(?:inf|Inf|INF)$/;
const NAN = /^\.(?:nan|NaN|NAN)$/;
const WHOLE = /^([+-]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d+)$/;
const FLOAT = /^[+-]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][+-]?\d+)?$/;

/** Undefined when the text is no number. */
export function parseYamlNumber(text: string): number | undefined {
  if (NAN.test(text)) return Number.NaN;
  const infinite = SPECIAL.exec(text);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const plain = text.replaceAll('_', '');
  const whole = WHOLE.exec(plain);
  if (!whole) return FLOAT.test(plain) ? Number(plain) : undefined;
  const digits = whole[2]!;
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits);
  return whole[1] === '-' ? -value : value;
}
