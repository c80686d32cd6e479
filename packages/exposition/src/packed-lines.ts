/**
 * The lines of a body in their order, each as what it does not share with the beginning of the line before it: neighbours are
 * mostly of one family, so that a third of the text is kept. A line is known again by comparing its beginning with the line
 * before it in the same body, which was compared already, and the rest with the text that is kept.
 */
import type { LabelRule } from './series-labels.ts';
import { type FamilyFact, SeriesTable } from './series-table.ts';
import type { SeriesHandle } from './sink.ts';

/** What a line is. */
export const LINE = { comment: 0, unwanted: 1, wanted: 2 } as const;

const UNWANTED = 0;
const MOST_LENGTH = 0xffff;
/** Either would do: words are only compared. */
const LITTLE_ENDIAN = true;

/** Where in a body and among the texts a line is looked for. */
export interface LinePlace {
  /** Where the line begins, and the one before it. */
  pos: number;
  previous: number;
  /** Where its own text begins. */
  text: number;
}

export class PackedLines {
  readonly count: number;
  /** By line: the length of what is compared, and how much of that begins the line before. */
  readonly lengths: Uint16Array;
  readonly shared: Uint16Array;
  /** By line: one of `LINE`. */
  readonly kinds: Uint8Array;
  /** What is not shared, one behind the other. */
  readonly texts: Uint8Array<ArrayBuffer>;
  /** Of the lines with a value whose series is wanted, in their order. */
  readonly handles: Int32Array<ArrayBuffer>;
  /** Lines with a value. */
  readonly samples: number;
  readonly #textView: DataView;
  /** By line: the length of the series alone (of a comment: all of it). */
  readonly #seriesLengths: Uint16Array;
  readonly #rules: Uint8Array;
  /** By line, where a comment says something. */
  readonly #facts = new Map<number, FamilyFact>();

  private constructor(table: SeriesTable, entries: Int32Array) {
    const count = entries.length;
    this.count = count;
    this.lengths = Uint16Array.from(entries, (entry) => table.prefixLength[entry]!);
    this.shared = new Uint16Array(count);
    this.kinds = new Uint8Array(count);
    this.#seriesLengths = Uint16Array.from(entries, (entry) => table.seriesLength[entry]!);
    this.#rules = Uint8Array.from(entries, (entry) => table.facts[entry]!.rule);
    const handles: SeriesHandle[] = [];
    let own = 0;
    for (let line = 0; line < count; line++) {
      const { handle, isComment, fact } = table.facts[entries[line]!]!;
      if (line > 0)
        this.shared[line] = commonLength(table.textOf(entries[line - 1]!), table.textOf(entries[line]!));
      own += this.lengths[line]! - this.shared[line]!;
      this.kinds[line] = isComment ? LINE.comment : handle === UNWANTED ? LINE.unwanted : LINE.wanted;
      if (this.kinds[line] === LINE.wanted) handles.push(handle);
      if (fact) this.#facts.set(line, fact);
    }
    this.handles = Int32Array.from(handles);
    this.samples = this.kinds.reduce((sum, kind) => (kind === LINE.comment ? sum : sum + 1), 0);
    this.texts = new Uint8Array(own);
    let at = 0;
    for (let line = 0; line < count; line++) {
      const text = table.textOf(entries[line]!).subarray(this.shared[line]!);
      this.texts.set(text, at);
      at += text.length;
    }
    this.#textView = new DataView(this.texts.buffer);
  }

  /** The table's entries in that order; undefined when a line is too long for it. */
  static of(table: SeriesTable, entries: Int32Array): PackedLines | undefined {
    if (entries.some((entry) => table.prefixLength[entry]! > MOST_LENGTH)) return undefined;
    return new PackedLines(table, entries);
  }

  seriesLengthOf(line: number): number {
    return this.#seriesLengths[line]!;
  }

  /** Whether the body has the line there; `body` and `view` are of the same bytes. */
  matches(line: number, body: Uint8Array, view: DataView, { pos, previous, text }: LinePlace): boolean {
    const length = this.lengths[line]!;
    const shared = this.shared[line]!;
    if (pos + length > body.length) return false;
    return (
      sameBytes(view, pos, view, previous, shared) &&
      sameBytes(view, pos + shared, this.#textView, text, length - shared)
    );
  }

  /** Moves on behind the line; `after`: where the next one begins. */
  pass(line: number, place: LinePlace, after: number): void {
    place.text += this.lengths[line]! - this.shared[line]!;
    place.previous = place.pos;
    place.pos = after;
  }

  /** A table with these lines as its entries, in their order. */
  unpack(): SeriesTable {
    const table = new SeriesTable();
    const text = new Uint8Array(this.lengths.reduce((most, length) => Math.max(most, length), 0));
    let at = 0;
    let wanted = 0;
    for (let line = 0; line < this.count; line++) {
      const length = this.lengths[line]!;
      const shared = this.shared[line]!;
      text.set(this.texts.subarray(at, at + length - shared), shared);
      at += length - shared;
      const kind = this.kinds[line]!;
      table.add(text, 0, this.#seriesLengths[line]!, length, {
        handle: kind === LINE.wanted ? this.handles[wanted++]! : UNWANTED,
        rule: this.#rules[line] as LabelRule,
        isComment: kind === LINE.comment,
        fact: this.#facts.get(line),
      });
    }
    return table;
  }
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let n = 0;
  while (n < most && a[n] === b[n]) n++;
  return n;
}

function sameBytes(a: DataView, from: number, b: DataView, at: number, length: number): boolean {
  let n = 0;
  for (; n + 4 <= length; n += 4)
    if (a.getInt32(from + n, LITTLE_ENDIAN) !== b.getInt32(at + n, LITTLE_ENDIAN)) return false;
  for (; n < length; n++) if (a.getUint8(from + n) !== b.getUint8(at + n)) return false;
  return true;
}
