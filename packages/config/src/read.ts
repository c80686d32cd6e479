/** Readers of single values and of the shapes around them: each gives the value, or reports the fault and gives undefined. */
import { parseDuration } from '@watchroom/model';
import type { Place } from './place.ts';
import { REDACTED, Secret } from './secret.ts';
import { nearest } from './suggest.ts';

/** Gives undefined for a null value, and after it has reported a fault. */
export type Reader<T> = (place: Place) => T | undefined;

export type Fields = Readonly<Record<string, Reader<unknown>>>;

/** What an object of readers gives: each field's value or undefined. */
export type ObjectOf<F extends Fields> = { readonly [K in keyof F]: ReturnType<F[K]> | undefined };

/** A map with a fixed set of keys; others are refused with the nearest known one. */
export function readObject<F extends Fields>(place: Place, fields: F): ObjectOf<F> | undefined {
  if (place.kind !== 'map') {
    if (place.kind === 'null') return {} as ObjectOf<F>;
    return place.problem(`${place.name} must be a map of settings`, `write "key: value" lines below it`);
  }
  const known = Object.keys(fields);
  const result: Record<string, unknown> = {};
  for (const [key, value] of place.entries()) {
    const reader = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (reader) result[key] = reader(value);
    else unknownKey(place, key, known);
  }
  return result as ObjectOf<F>;
}

function unknownKey(place: Place, key: string, known: readonly string[]): void {
  const guess = nearest(key, known);
  const remedy = guess
    ? `did you mean "${guess}"?`
    : known.length <= 8
      ? `known here: ${known.join(', ')}`
      : 'remove it';
  place.atKey(place.keyNode(key)).problem(`unknown key ${JSON.stringify(key)} in ${place.name}`, remedy);
}

export const text: Reader<string> = (place) => {
  if (place.kind === 'null') return undefined;
  if (place.kind !== 'scalar') return place.problem(`${place.name} must be a text`, 'write a single value');
  return place.text;
};

/** A text that must not be empty. */
export const filled: Reader<string> = (place) => {
  const value = text(place);
  return value === '' ? place.problem(`${place.name} is empty`, 'give it a value') : value;
};

export const secret: Reader<Secret> = (place) => {
  if (place.kind === 'null') return undefined;
  if (place.kind !== 'scalar') return place.problem(`${place.name} must be a text`, 'write a single value');
  if (place.node) place.source.redactions.set(place.node, REDACTED);
  return new Secret(place.text);
};

/** The words that Go's yaml package reads as booleans. */
const TRUE = new Set(['true', 'True', 'TRUE', 'yes', 'Yes', 'YES', 'y', 'Y', 'on', 'On', 'ON']);
const FALSE = new Set(['false', 'False', 'FALSE', 'no', 'No', 'NO', 'n', 'N', 'off', 'Off', 'OFF']);

export const bool: Reader<boolean> = (place) => {
  if (place.kind === 'null') return undefined;
  if (!place.isQuoted && TRUE.has(place.text)) return true;
  if (!place.isQuoted && FALSE.has(place.text)) return false;
  return place.problem(`${place.name} must be true or false, not ${shown(place)}`, 'write true or false');
};

/** A whole number within bounds (both inclusive). */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Reader<number> {
  return (place) => {
    if (place.kind === 'null') return undefined;
    const value = place.isQuoted ? Number.NaN : numberOf(place.text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    return place.problem(`${place.name} must be a whole number of at least ${min}, not ${shown(place)}`);
  };
}

/** Decimal, 0x, 0o and 0b, digits parted by _, exponents, as Go's yaml package reads numbers. */
function numberOf(written: string): number {
  const bare = written.replaceAll('_', '');
  return /^[+-]?\d/.test(bare) ? Number(bare.replace(/^\+/, '')) : Number.NaN;
}

/** A whole number of 64 bits. */
export const wide: Reader<bigint> = (place) => {
  if (place.kind === 'null') return undefined;
  if (/^\d{1,20}$/.test(place.text) && BigInt(place.text) < 2n ** 64n) return BigInt(place.text);
  return place.problem(`${place.name} must be a whole number of at least 0, not ${shown(place)}`);
};

export function decimal(min: number, max: number): Reader<number> {
  return (place) => {
    if (place.kind === 'null') return undefined;
    const value = place.text.trim() === '' ? Number.NaN : Number(place.text);
    if (value >= min && value <= max) return value;
    return place.problem(`${place.name} must be a number in the range [${min}, ${max}], not ${shown(place)}`);
  };
}

/** Milliseconds. */
export const duration: Reader<number> = (place) => {
  if (place.kind === 'null') return undefined;
  const value = place.kind === 'scalar' ? parseDuration(place.text) : undefined;
  if (value !== undefined) return value;
  const remedy = /^\d+$/.test(place.text)
    ? `write "${place.text}s" for seconds`
    : 'write it like "15s" or "1m30s"';
  return place.problem(`${place.name}: ${shown(place)} is not a duration`, remedy);
};

/** Milliseconds, more than none. */
export const positiveDuration: Reader<number> = (place) => {
  const value = duration(place);
  return value === 0 ? place.problem(`${place.name} must be more than 0`, 'write it like "15s"') : value;
};

const BYTES: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/** Bytes; units are powers of 1024 with or without the i, as alecthomas/units in base 2. A bare number is refused as there. */
export const byteSize: Reader<number> = (place) => {
  if (place.kind === 'null') return undefined;
  if (place.text === '0') return 0;
  const match = /^(-?\d+(?:\.\d+)?)(?:([KMGTPE])i?)?B$/.exec(place.text);
  if (!match)
    return place.problem(`${place.name}: ${shown(place)} is not a size`, 'write it like "10MB" or "1GB"');
  const bytes = Math.round(Number(match[1]) * 1024 ** (BYTES[match[2] ?? ''] ?? 0));
  if (bytes >= 0) return bytes;
  return place.problem(`'${place.name}' must be greater than or equal to 0, not ${shown(place)}`);
};

export function oneOf<const T extends string>(values: readonly T[]): Reader<T> {
  return (place) => {
    if (place.kind === 'null') return undefined;
    const found = values.find((value) => place.kind === 'scalar' && value === place.text);
    if (found !== undefined) return found;
    const guess = nearest(place.text, values);
    const remedy = guess ? `did you mean "${guess}"?` : `write one of: ${values.join(', ')}`;
    return place.problem(`${place.name}: unknown value ${shown(place)}`, remedy);
  };
}

/** A list; items that are null or faulty are left out (and reported when `empty` says how). */
export function list<T>(item: Reader<T>, empty?: string): Reader<readonly T[]> {
  return (place) => {
    if (place.kind === 'null') return undefined;
    if (place.kind !== 'list')
      return place.problem(`${place.name} must be a list`, 'start each item with "- "');
    const result: T[] = [];
    for (const entry of place.items()) {
      if (entry.kind === 'null' && empty !== undefined) {
        entry.problem(`${empty} at ${entry.name}`, 'fill it in or remove the "-"');
        continue;
      }
      const value = item(entry);
      if (value !== undefined) result.push(value);
    }
    return result;
  };
}

/** A map with free keys. */
export function dictionary<T>(item: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (place) => {
    if (place.kind === 'null') return undefined;
    if (place.kind !== 'map')
      return place.problem(`${place.name} must be a map`, 'write "name: value" lines below it');
    const result: [string, T][] = [];
    for (const [key, entry] of place.entries()) {
      const value = item(entry);
      if (value !== undefined) result.push([key, value]);
    }
    return Object.fromEntries(result);
  };
}

/** Any value, kept as plain data. */
export const anything: Reader<unknown> = (place) => place.node?.toJS(place.source.document) ?? null;

/** An http(s) URL with a host. The printed configuration hides its password. */
export const httpUrl: Reader<URL> = (place) => {
  const value = filled(place);
  if (value === undefined) return undefined;
  hidePassword(place, value);
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return place.problem(
      `${place.name}: URL scheme must be 'http' or 'https'`,
      'write it like "http://host:port/path"',
    );
  }
  return url;
};

/** A URL in Go's looser sense (`localhost:9090` is one). */
export const anyUrl: Reader<string> = (place) => {
  const value = text(place);
  if (value === undefined) return undefined;
  hidePassword(place, value);
  if (/[\s\u007f]/.test(value)) return place.problem(`${place.name} is not a URL`, 'remove the blanks');
  return value;
};

function hidePassword(place: Place, value: string): void {
  const hidden = value.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:)[^/?#@]*@/i, '$1xxxxx@');
  if (hidden !== value && place.node) place.source.redactions.set(place.node, hidden);
}

/** A value for a message, short and in quotes. */
export function shown(place: Place): string {
  if (place.kind === 'list') return 'a list';
  if (place.kind === 'map') return 'a map';
  return JSON.stringify(place.text.length > 60 ? `${place.text.slice(0, 57)}...` : place.text);
}
