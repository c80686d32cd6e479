/** The functions that Go's text/template brings along. Source: https://pkg.go.dev/text/template#hdr-Functions */
import { sprintAll, sprintf } from './printf.ts';
import { type GoFunction, GoMap, GoObject, GoSlice, GoStruct, type GoValue, truth, typeOf } from './value.ts';

const any = (run: (...args: GoValue[]) => GoValue): GoFunction => ({ parameters: ['any'], run });
const rest = (run: (...args: GoValue[]) => GoValue): GoFunction => ({
  parameters: ['any'],
  variadic: true,
  run,
});
const oneAndRest = (run: (...args: GoValue[]) => GoValue): GoFunction => ({
  parameters: ['any', 'any'],
  variadic: true,
  run,
});
const two = (run: (...args: GoValue[]) => GoValue): GoFunction => ({ parameters: ['any', 'any'], run });

export const BUILTINS: ReadonlyMap<string, GoFunction> = new Map<string, GoFunction>([
  // `and` and `or` are evaluated by the executor, which stops at the argument that decides.
  ['and', oneAndRest((first) => first!)],
  ['or', oneAndRest((first) => first!)],
  ['not', any((value) => !truth(value!))],
  ['len', any((value) => BigInt(lengthOf(value!)))],
  ['index', oneAndRest((value, ...keys) => keys.reduce<GoValue>(indexOne, value!))],
  ['slice', oneAndRest((value, ...bounds) => sliceOf(value!, bounds))],
  ['print', rest((...values) => sprintAll(values))],
  ['println', rest((...values) => `${values.map((value) => sprintAll([value])).join(' ')}\n`)],
  [
    'printf',
    {
      parameters: ['string', 'any'],
      variadic: true,
      run: (format, ...values) => sprintf(format as string, values),
    },
  ],
  ['html', rest((...values) => escapeHtml(text(values)))],
  ['js', rest((...values) => escapeJs(text(values)))],
  ['urlquery', rest((...values) => encodeURIComponent(text(values)).replaceAll('%20', '+'))],
  ['eq', { parameters: ['any', 'any'], variadic: true, run: equalToAny }],
  ['ne', two((a, b) => !equal(a!, b!))],
  ['lt', two((a, b) => less(a!, b!))],
  ['le', two((a, b) => less(a!, b!) || equal(a!, b!))],
  ['gt', two((a, b) => !less(a!, b!) && !equal(a!, b!))],
  ['ge', two((a, b) => !less(a!, b!))],
]);

const text = (values: readonly GoValue[]): string =>
  values.length === 1 && typeof values[0] === 'string' ? values[0] : sprintAll(values);

function lengthOf(value: GoValue): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length;
  if (value instanceof GoMap) return value.entries.size;
  if (value instanceof GoSlice) return value.items.length;
  throw new Error(value === null ? 'len of nil pointer' : `len of type ${typeOf(value)}`);
}

function indexOne(value: GoValue, key: GoValue): GoValue {
  if (value === null) throw new Error('index of untyped nil');
  if (value instanceof GoMap) {
    if (typeof key !== 'string') throw new Error(`value has type ${typeOf(key)}; should be string`);
    return value.entries.get(key) ?? value.zero;
  }
  if (value instanceof GoSlice) return value.items[position(key, value.items.length - 1)]!;
  if (typeof value === 'string') {
    const bytes = new TextEncoder().encode(value);
    return BigInt(bytes[position(key, bytes.length - 1)]!);
  }
  throw new Error(`can't index item of type ${typeOf(value)}`);
}

function position(key: GoValue, last: number): number {
  if (typeof key !== 'bigint') throw new Error(`cannot index slice/array with type ${typeOf(key)}`);
  if (key < 0n || key > BigInt(last)) throw new Error(`index out of range: ${key}`);
  return Number(key);
}

function sliceOf(value: GoValue, bounds: readonly GoValue[]): GoValue {
  if (bounds.length > 2) throw new Error(`too many slice indexes: ${bounds.length}`);
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : undefined;
  const size = bytes ? bytes.length : value instanceof GoSlice ? value.items.length : -1;
  if (size < 0) throw new Error(`can't slice item of type ${typeOf(value)}`);
  const from = bounds[0] === undefined ? 0 : position(bounds[0], size);
  const to = bounds[1] === undefined ? size : position(bounds[1], size);
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  if (bytes) return new TextDecoder().decode(bytes.slice(from, to));
  return new GoSlice(typeOf(value), (value as GoSlice).items.slice(from, to));
}

function equalToAny(first?: GoValue, ...others: GoValue[]): GoValue {
  if (others.length === 0) throw new Error('missing argument for comparison');
  return others.some((other) => equal(first!, other));
}

/** Kinds that compare with each other only. */
function basicKind(value: GoValue): string {
  if (
    value instanceof GoMap ||
    value instanceof GoSlice ||
    value instanceof GoStruct ||
    value instanceof GoObject
  )
    throw new Error('invalid type for comparison');
  return value === null ? 'nil' : typeOf(value);
}

function equal(a: GoValue, b: GoValue): boolean {
  if (a === null || b === null) return a === b;
  if (basicKind(a) !== basicKind(b)) throw new Error('incompatible types for comparison');
  return a === b;
}

function less(a: GoValue, b: GoValue): boolean {
  const kind = basicKind(a);
  if (kind !== basicKind(b)) throw new Error('incompatible types for comparison');
  if (kind === 'bool' || kind === 'nil') throw new Error('invalid type for comparison');
  return a! < b!;
}

const HTML: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
};

function escapeHtml(value: string): string {
  return value.replace(/["'&<>\0]/g, (char) => HTML[char]!);
}

const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

function escapeJs(value: string): string {
  return Array.from(
    value,
    (char) =>
      JS[char] ??
      (char < ' ' ? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}` : char),
  ).join('');
}
