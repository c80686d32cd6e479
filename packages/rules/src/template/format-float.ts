/**
 * Go's strconv.FormatFloat for 64 bits: verbs e, f, g, any precision (-1: the fewest digits that read back the same).
 * Rounds the exact binary value half to even, as Go does (toFixed rounds ties up and stops at 1e21).
 */

/** Decimal digits without leading zeros; the point stands after `point` of them. */
interface Digits {
  readonly digits: string;
  readonly point: number;
}

const SHORTEST_EXPONENT_LIMIT = 6;

/** `verb`: e, E, f, F, g or G. */
export function formatFloat(value: number, verb: string, precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const text = formatPositive(Math.abs(value), verb.toLowerCase(), precision);
  return sign + (verb === 'E' || verb === 'G' ? text.toUpperCase() : text);
}

function formatPositive(value: number, verb: string, precision: number): string {
  if (verb === 'f') return fixed(precision < 0 ? shortest(value) : roundFixed(value, precision), precision);
  if (verb === 'e') {
    const digits = precision < 0 ? shortest(value) : roundSignificant(value, precision + 1);
    return exponential(digits, precision < 0 ? digits.digits.length - 1 : precision);
  }
  const wanted = precision === 0 ? 1 : precision;
  const digits = precision < 0 ? shortest(value) : trimZeros(roundSignificant(value, wanted));
  const count = digits.digits.length;
  // %e from an exponent of the precision on, 6 when the fewest digits are asked for.
  let limit = precision < 0 ? SHORTEST_EXPONENT_LIMIT : wanted;
  if (precision >= 0 && limit > count && count >= digits.point) limit = count;
  const exponent = digits.point - 1;
  if (value !== 0 && (exponent < -4 || exponent >= limit))
    return exponential(digits, digits.digits.length - 1);
  return fixed(digits, Math.max(digits.digits.length - digits.point, 0));
}

function shortest(value: number): Digits {
  if (value === 0) return { digits: '0', point: 1 };
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

/** value × 10^places, rounded half to even, exactly. */
function scaled(value: number, places: number): bigint {
  const [mantissa, exponent] = split(value);
  let numerator = mantissa;
  let denominator = 1n;
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (places >= 0) numerator *= 10n ** BigInt(places);
  else denominator *= 10n ** BigInt(-places);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  return twice > denominator || (twice === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** value = mantissa × 2^exponent, both whole. */
function split(value: number): [mantissa: bigint, exponent: number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  return biased === 0 ? [fraction, -1074] : [fraction | (1n << 52n), biased - 1075];
}

function roundFixed(value: number, precision: number): Digits {
  const text = scaled(value, precision)
    .toString()
    .padStart(precision + 1, '0');
  return { digits: text, point: text.length - precision };
}

function roundSignificant(value: number, count: number): Digits {
  if (value === 0) return { digits: '0'.repeat(count), point: 1 };
  const exponent = Number(value.toExponential().split('e')[1]);
  const text = scaled(value, count - 1 - exponent).toString();
  // Rounding may have carried into one more digit.
  return { digits: text.slice(0, count), point: exponent + 1 + (text.length - count) };
}

function trimZeros({ digits, point }: Digits): Digits {
  const trimmed = digits.replace(/0+$/, '');
  return trimmed === '' ? { digits: '0', point: 1 } : { digits: trimmed, point };
}

function fixed({ digits, point }: Digits, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const rest = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  const fraction = precision < 0 ? rest : rest.padEnd(precision, '0').slice(0, precision);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function exponential({ digits, point }: Digits, precision: number): string {
  const exponent = digits === '0' || /^0+$/.test(digits) ? 0 : point - 1;
  const fraction = digits.slice(1).padEnd(precision, '0').slice(0, precision);
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits[0]}${fraction === '' ? '' : `.${fraction}`}e${exponent < 0 ? '-' : '+'}${size}`;
}
