/**
 * What both readers share: a cursor over a body, the entry just read, and messages in Prometheus' words. A reader takes one
 * entry a call and keeps its parts as positions, so that nothing is built for a line that nobody asks about.
 */
import type { MetricType } from '@watchroom/model';
import { DecimalReader, latin1, parseToken } from './decimal.ts';
import { isUtf8, quoteBytes, quoteText } from './go-quote.ts';

export const Entry = {
  end: 0,
  series: 1,
  type: 2,
  help: 3,
  unit: 4,
  comment: 5,
  bad: 6,
} as const;
export type EntryKind = (typeof Entry)[keyof typeof Entry];

/** Kinds of token, under the names that the messages use. */
export type Token =
  | 'INVALID'
  | 'EOF'
  | 'LINEBREAK'
  | 'HELP'
  | 'TYPE'
  | 'UNIT'
  | 'EOFWORD'
  | 'TEXT'
  | 'COMMENT'
  | 'MNAME'
  | 'QSTRING'
  | 'BOPEN'
  | 'BCLOSE'
  | 'LNAME'
  | 'LVALUE'
  | 'COMMA'
  | 'EQUAL'
  | 'TIMESTAMP'
  | 'VALUE';

const EMPTY = new Uint8Array(0);
const NO_VIEW = new DataView(EMPTY.buffer);
const MAX_INT64 = 9_223_372_036_854_775_807n;

export abstract class EntryReader {
  body: Uint8Array = EMPTY;
  /** Of the body. */
  view: DataView = NO_VIEW;
  /** One past the last byte. */
  limit = 0;
  /** The next byte to read. */
  pos = 0;
  /** Where the entry begins. */
  entryStart = 0;
  tokenStart = 0;

  /** Why the last entry is bad. */
  message = '';
  /** Of a series: where its text ends (the text begins at `entryStart`). */
  seriesEnd = 0;
  nameStart = -1;
  nameEnd = -1;
  /** Four positions a label: name from, to, value from, to. */
  readonly labels: number[] = [];
  value = 0;
  timeMs: number | undefined = undefined;
  /** An OpenMetrics timestamp as it was written. */
  timeSeconds = 0;
  /** Where the value begins (its first byte, no blank before it). */
  valueStart = 0;

  hasExemplar = false;
  readonly exemplarLabels: number[] = [];
  exemplarValue = 0;
  exemplarTimeMs: number | undefined = undefined;

  /** Of metadata: the family and the text, both between positions. */
  familyStart = 0;
  familyEnd = 0;
  textStart = 0;
  textEnd = 0;
  metricType: MetricType = 'unknown';

  readonly #decimal = new DecimalReader();

  /** Reads one entry; `end` and `bad` leave the cursor where they were noticed. */
  abstract next(): EntryKind;
  /** Reads what follows a series' text: value, timestamp, exemplar and the end of the line. The cursor stands behind the text. */
  abstract suffix(): EntryKind;
  /** Unescapes a help text. */
  abstract helpText(): string;

  open(body: Uint8Array): void {
    this.body = body;
    this.view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.limit = body.length;
    this.pos = 0;
    this.tokenStart = 0;
  }

  /** Drops the reference to the body. */
  release(): void {
    this.body = EMPTY;
    this.view = NO_VIEW;
    this.limit = 0;
  }

  /** The byte at `i`, 0 past the end. */
  protected at(i: number): number {
    return i < this.limit ? this.body[i]! : 0;
  }

  protected fail(message: string): EntryKind {
    this.message = message;
    return Entry.bad;
  }

  /** "…, got <token and the byte after it> (<kind>) while parsing: <entry so far>". */
  protected unexpected(expected: string, got: Token): EntryKind {
    const to = this.pos + 1;
    return this.fail(
      `${expected}, got ${this.quote(this.tokenStart, to)} ("${got}") while parsing: ${this.quote(this.entryStart, to)}`,
    );
  }

  protected whileParsing(problem: string): EntryKind {
    return this.fail(`${problem} while parsing: ${this.quote(this.entryStart, this.pos)}`);
  }

  protected quote(from: number, to: number): string {
    return quoteBytes(this.body.subarray(from, Math.min(to, this.limit)));
  }

  protected isUtf8(from: number, to: number): boolean {
    return isUtf8(this.body, from, Math.min(to, this.limit));
  }

  /** The float in [from, pos) into `number`; false leaves a message. */
  protected float(from: number): boolean {
    const value = this.#decimal.read(this.body, from, this.pos);
    if (this.#decimal.end === this.pos) {
      this.number = value;
      return true;
    }
    const parsed = parseToken(latin1(this.body, from, this.pos));
    if (typeof parsed === 'number') {
      this.number = parsed;
      return true;
    }
    const problem =
      parsed === 'unsupported character in float'
        ? parsed
        : `strconv.ParseFloat: parsing ${this.quote(from, this.pos)}: ${parsed}`;
    this.whileParsing(problem);
    return false;
  }
  /** The result of `float`. */
  protected number = 0;

  /** The digits in [from, pos) as an int64 into `number`; false leaves a message. */
  protected integer(from: number): boolean {
    const text = latin1(this.body, from, this.pos);
    if (text.length > 18 && BigInt(text) > MAX_INT64) {
      this.whileParsing(`strconv.ParseInt: parsing ${quoteText(text)}: value out of range`);
      return false;
    }
    this.number = Number(text);
    return true;
  }

  /** Moves over a name ([a-zA-Z_] and digits, with ':' in a metric's name); false when none begins here. */
  protected name(colon: boolean): boolean {
    if (!isNameStart(this.at(this.pos), colon)) return false;
    let i = this.pos + 1;
    while (isNameStart(this.at(i), colon) || isDigit(this.at(i))) i++;
    this.pos = i;
    return true;
  }

  /**
   * Moves over a quoted string from its first quote. False when it does not end; the cursor then stands where it stops.
   * Zero bytes are taken only where `zeros` says so, and there also right after the closing quote, as Prometheus does.
   */
  protected quoted(newlines: boolean, zeros: boolean): boolean {
    let i = this.pos + 1;
    for (;;) {
      while (zeros && i < this.limit && this.body[i] === 0) i++;
      const c = this.at(i);
      if (c === 0 || (c === 10 && !newlines)) break;
      if (c === 34) {
        i++;
        while (zeros && i < this.limit && this.body[i] === 0) i++;
        this.pos = i;
        return true;
      }
      if (c === 92) {
        i++;
        while (zeros && i < this.limit && this.body[i] === 0) i++;
        if (this.at(i) === 0 || this.at(i) === 10) break;
      }
      i++;
    }
    this.pos = i;
    return false;
  }

  protected clearSeries(): void {
    this.nameStart = -1;
    this.nameEnd = -1;
    this.labels.length = 0;
    this.hasExemplar = false;
    this.timeMs = undefined;
  }
}

export function isNameStart(c: number, colon: boolean): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || (colon && c === 58);
}

export function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}
