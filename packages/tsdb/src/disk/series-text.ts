/**
 * Reads lists of label sets as they stand in head.db and in chunk files: JSON, `[[ref, names, values], ...]` or
 * `[[names, values], ...]`. A start reads those of all series, so texts that were seen before are not made again; what is not as
 * `JSON.stringify` writes it takes the way of `JSON.parse`.
 */
import { Labels, type SeriesRef } from '@watchroom/model';
import { ByteMemo } from '@watchroom/model/byte-memo';
import { internedNames, internedText } from '@watchroom/model/intern';

const [QUOTE, COMMA, OPEN, CLOSE, BACKSLASH, ZERO] = [0x22, 0x2c, 0x5b, 0x5d, 0x5c, 0x30];

export interface SeriesList {
  /** By place. Empty in a list without refs. */
  readonly refs: readonly SeriesRef[];
  readonly labels: readonly Labels[];
}

/** Throws TypeError or SyntaxError when the bytes are no such list. */
export function readSeriesList(bytes: Uint8Array, hasRefs: boolean): SeriesList {
  return new Reader(bytes).list(hasRefs) ?? parsed(Buffer.from(bytes).toString(), hasRefs);
}

function parsed(text: string, hasRefs: boolean): SeriesList {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new TypeError('not a list of series');
  const [refs, labels]: [SeriesRef[], Labels[]] = [[], []];
  for (const entry of list as unknown[]) {
    if (!Array.isArray(entry)) throw new TypeError('not a series');
    const [names, values]: unknown[] = hasRefs ? entry.slice(1) : entry;
    if (hasRefs) refs.push(Number(entry[0]));
    labels.push(labelsOf(names, values).interned());
  }
  return { refs, labels };
}

/** Throws TypeError when these are not lists of texts. */
export function labelsOf(names: unknown, values: unknown): Labels {
  if (!isTexts(names) || !isTexts(values)) throw new TypeError('not a label set');
  return Labels.fromSorted(names, values);
}

function isTexts(list: unknown): list is string[] {
  return Array.isArray(list) && list.every((text) => typeof text === 'string');
}

const texts = new ByteMemo((bytes, from, to) => internedText(String(JSON.parse(slice(bytes, from, to)))));
const nameLists = new ByteMemo((bytes, from, to) =>
  internedNames(JSON.parse(slice(bytes, from, to)) as string[]),
);

function slice(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString();
}

/** Methods that move say whether they could. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** Values of one set after the other. */
  readonly #values: string[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  list(hasRefs: boolean): SeriesList | undefined {
    const [refs, labels]: [SeriesRef[], Labels[]] = [[], []];
    if (!this.#is(OPEN)) return undefined;
    while (!this.#is(CLOSE)) {
      if (labels.length > 0 && !this.#is(COMMA)) return undefined;
      if (!this.#is(OPEN)) return undefined;
      if (hasRefs) {
        const ref = this.#number();
        if (ref === undefined || !this.#is(COMMA)) return undefined;
        refs.push(ref);
      }
      const set = this.#set();
      if (!set || !this.#is(CLOSE)) return undefined;
      labels.push(set);
    }
    return this.#at === this.#bytes.length ? { refs, labels } : undefined;
  }

  #set(): Labels | undefined {
    const from = this.#at;
    const size = this.#texts();
    if (size === undefined) return undefined;
    const names = nameLists.of(this.#view, from, this.#at);
    if (!this.#is(COMMA) || this.#texts(this.#values) !== size) return undefined;
    return Labels.fromSorted(names, this.#values.slice(0, size));
  }

  /** Moves behind a list of texts, which are put into `into` from its beginning; gives how many there are. */
  #texts(into?: string[]): number | undefined {
    if (!this.#is(OPEN)) return undefined;
    for (let size = 0; ; size++) {
      if (this.#is(CLOSE)) return size;
      if (size > 0 && !this.#is(COMMA)) return undefined;
      const from = this.#at;
      if (!this.#text()) return undefined;
      if (into) into[size] = texts.of(this.#view, from, this.#at);
    }
  }

  #text(): boolean {
    if (!this.#is(QUOTE)) return false;
    const bytes = this.#bytes;
    for (let i = this.#at; i < bytes.length; i++) {
      if (bytes[i] === BACKSLASH) i++;
      else if (bytes[i] === QUOTE) {
        this.#at = i + 1;
        return true;
      }
    }
    return false;
  }

  #number(): number | undefined {
    const from = this.#at;
    let number = 0;
    for (; this.#digit() >= 0; this.#at++) number = number * 10 + this.#digit();
    return this.#at > from && Number.isSafeInteger(number) ? number : undefined;
  }

  #digit(): number {
    const digit = this.#bytes[this.#at]! - ZERO;
    return digit <= 9 ? digit : -1;
  }

  /** Moves behind the character if it is the next one. */
  #is(character: number): boolean {
    if (this.#bytes[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}
