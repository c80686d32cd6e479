/**
 * Go's fmt.Sprintf and fmt.Sprint for the values that templates have: flags `+-# 0`, width, precision, `*`, and the verbs
 * v T t d b o x X c U e E f F g G s q. Wrong verbs and counts are written into the text, as in Go: `%!d(float64=1)`.
 * Source: https://pkg.go.dev/fmt
 */
import { formatFloat } from './format-float.ts';
import { GoMap, GoObject, GoSlice, GoStruct, type GoValue, typeOf } from './value.ts';

interface Spec {
  readonly flags: string;
  readonly width: number;
  /** -1: not given. */
  readonly precision: number;
  readonly verb: string;
}

const PLAIN: Spec = { flags: '', width: 0, precision: -1, verb: 'v' };
const DIRECTIVE = /%([+\-# 0]*)(\*|\d+)?(?:\.(\*|\d*))?([\s\S]?)/gu;
const MAX_WIDTH = 10_000;

/** Go's Sprintf. */
export function sprintf(format: string, args: readonly GoValue[]): string {
  let next = 0;
  const number = (text: string | undefined, absent: number): number => {
    if (text === undefined) return absent;
    if (text === '*') return Number(args[next++] ?? 0);
    return text === '' ? 0 : Number(text);
  };
  const text = format.replace(DIRECTIVE, (_all, flags: string, width, precision, verb: string) => {
    if (verb === '') return '%!(NOVERB)';
    const wide = number(width, 0);
    const spec: Spec = {
      flags: wide < 0 ? `${flags}-` : flags,
      width: Math.min(Math.abs(wide), MAX_WIDTH),
      precision: Math.min(number(precision, -1), MAX_WIDTH),
      verb,
    };
    if (verb === '%') return '%';
    if (next >= args.length) return `%!${verb}(MISSING)`;
    return formatValue(args[next++]!, spec);
  });
  if (next >= args.length) return text;
  const extra = args.slice(next).map((arg) => (arg === null ? '<nil>' : `${typeOf(arg)}=${sprint(arg)}`));
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

/** A value as %v writes it. */
export function sprint(value: GoValue): string {
  return formatValue(value, PLAIN);
}

/** Go's Sprint: a blank between two operands when neither is a string. */
export function sprintAll(values: readonly GoValue[]): string {
  let text = '';
  values.forEach((value, i) => {
    if (i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string') text += ' ';
    text += sprint(value);
  });
  return text;
}

function formatValue(value: GoValue, spec: Spec): string {
  if (spec.verb === 'T') return pad(typeOf(value), spec);
  if (value === null) return spec.verb === 'v' ? pad('<nil>', spec) : `%!${spec.verb}(<nil>)`;
  if (value instanceof GoMap) {
    const keys = [...value.entries.keys()].sort();
    return `map[${keys.map((key) => `${formatValue(key, spec)}:${formatValue(value.entries.get(key)!, spec)}`).join(' ')}]`;
  }
  if (value instanceof GoSlice) return `[${value.items.map((item) => formatValue(item, spec)).join(' ')}]`;
  if (value instanceof GoStruct) {
    const inner = [...value.fields.values()].map((field) => formatValue(field, spec)).join(' ');
    return `${value.typeName.startsWith('*') ? '&' : ''}{${inner}}`;
  }
  if (value instanceof GoObject) return formatText(value.toString(), spec) ?? wrongVerb(value, spec);
  return formatScalar(value, spec) ?? wrongVerb(value, spec);
}

function formatScalar(value: string | number | bigint | boolean, spec: Spec): string | undefined {
  switch (typeof value) {
    case 'string':
      return formatText(value, spec);
    case 'boolean':
      return spec.verb === 'v' || spec.verb === 't' ? pad(String(value), spec) : undefined;
    case 'number':
      return formatNumber(value, spec);
    case 'bigint':
      return formatInteger(value, spec);
  }
}

function wrongVerb(value: GoValue, { verb }: Spec): string {
  return `%!${verb}(${typeOf(value)}=${sprint(value)})`;
}

function formatText(text: string, spec: Spec): string | undefined {
  const cut = spec.precision < 0 ? text : [...text].slice(0, spec.precision).join('');
  switch (spec.verb) {
    case 'v':
    case 's':
      return pad(cut, spec);
    case 'q':
      return pad(spec.flags.includes('#') && !cut.includes('`') ? `\`${cut}\`` : quote(cut), spec);
    case 'x':
    case 'X': {
      const hex = Buffer.from(cut, 'utf8').toString('hex');
      return pad(spec.verb === 'X' ? hex.toUpperCase() : hex, spec);
    }
    default:
      return undefined;
  }
}

function formatNumber(value: number, spec: Spec): string | undefined {
  const verb = spec.verb === 'v' ? 'g' : spec.verb;
  if (!'eEfFgG'.includes(verb)) return undefined;
  const standard = 'eEfF'.includes(verb) ? 6 : -1;
  const text = formatFloat(value, verb, spec.precision < 0 ? standard : spec.precision);
  return padNumber(text, spec, Number.isFinite(value));
}

const RADIX: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

function formatInteger(value: bigint, spec: Spec): string | undefined {
  if (spec.verb === 'c' || spec.verb === 'q' || spec.verb === 'U') return formatRune(value, spec);
  const radix = RADIX[spec.verb];
  if (radix === undefined) return undefined;
  const sign = value < 0n ? '-' : '';
  let digits = (value < 0n ? -value : value).toString(radix).padStart(Math.max(0, spec.precision), '0');
  if (spec.verb === 'X') digits = digits.toUpperCase();
  if (spec.verb === 'O') digits = `0o${digits}`;
  if (spec.flags.includes('#')) digits = { b: '0b', o: '0', x: '0x', X: '0X' }[spec.verb] + digits;
  return padNumber(sign + digits, spec, spec.precision < 0);
}

function formatRune(value: bigint, spec: Spec): string {
  const code = value >= 0n && value <= 0x10ffffn ? Number(value) : 0xfffd;
  if (spec.verb === 'U') return pad(`U+${value.toString(16).toUpperCase().padStart(4, '0')}`, spec);
  const char = String.fromCodePoint(code);
  return pad(spec.verb === 'c' ? char : `'${char === "'" ? "\\'" : quote(char).slice(1, -1)}'`, spec);
}

/** Signs and zero padding go before and inside the padding of numbers. */
function padNumber(text: string, spec: Spec, mayZero: boolean): string {
  const negative = text.startsWith('-');
  const body = text.replace(/^[+-]/, '');
  const infinite = text === '+Inf';
  const plus = spec.flags.includes('+') || infinite ? '+' : spec.flags.includes(' ') ? ' ' : '';
  const sign = negative ? '-' : plus;
  if (!mayZero || !spec.flags.includes('0') || spec.flags.includes('-')) return pad(sign + body, spec, ' ');
  return sign + body.padStart(spec.width - sign.length, '0');
}

function pad(text: string, spec: Spec, filler?: string): string {
  const missing = spec.width - [...text].length;
  if (missing <= 0) return text;
  if (spec.flags.includes('-')) return text + ' '.repeat(missing);
  return (filler ?? (spec.flags.includes('0') ? '0' : ' ')).repeat(missing) + text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

/** Go's strconv.Quote. */
export function quote(text: string): string {
  let inside = '';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const known = ESCAPES[char];
    if (known !== undefined) inside += known;
    else if (code < 0x20 || code === 0x7f) inside += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code > 0x7f && !/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(char))
      inside +=
        code > 0xffff
          ? `\\U${code.toString(16).padStart(8, '0')}`
          : `\\u${code.toString(16).padStart(4, '0')}`;
    else inside += char;
  }
  return `"${inside}"`;
}
