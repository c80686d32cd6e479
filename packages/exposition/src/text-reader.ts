/**
 * The text format 0.0.4 as Prometheus 3 reads it (https://prometheus.io/docs/instrumenting/exposition_formats/).
 *
 *   body    = { line "\n" } , the last "\n" may be missing
 *   line    = blank | "#" comment | "#" blanks ("HELP" | "TYPE") blanks name text | series [blanks] value [blanks digits]
 *   series  = name [blanks] [ "{" labels "}" ] | "{" quoted-name ["," labels] "}"
 *   labels  = { (label-name | quoted) "=" quoted [","] } , blanks between tokens
 *
 * Looser than the documentation in what Prometheus lets pass: commas between labels may be missing, raw newlines stand in
 * label values, a zero byte at the start of a line ends the body. Timestamps are unsigned integers, in milliseconds.
 */
import type { MetricType } from '@watchroom/model';
import { Entry, type EntryKind, EntryReader, isDigit, isNameStart, type Token } from './entry-reader.ts';
import { unescapeHelp } from './unescape.ts';

/** Bytes of a comment, before the rest is searched: nearly all are shorter. */
const LOOKED_AT = 256;

const TYPES: Readonly<Record<string, MetricType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  untyped: 'unknown',
};

export class TextReader extends EntryReader {
  /** The newline that a last line without one is read with. */
  protected override at(i: number): number {
    return i < this.limit ? this.body[i]! : i === this.limit ? 10 : 0;
  }

  protected override quote(from: number, to: number): string {
    if (to <= this.limit) return super.quote(from, to);
    const text = super.quote(from, this.limit);
    return `${text.slice(0, -1)}\\n"`;
  }

  next(): EntryKind {
    for (;;) {
      this.entryStart = this.pos;
      this.#skipBlanks();
      if (this.pos > this.limit) return Entry.end;
      this.tokenStart = this.pos;
      const c = this.at(this.pos);
      if (c === 0) return Entry.end;
      if (c === 10) {
        this.pos++;
        continue;
      }
      if (c === 35) return this.#hash();
      this.clearSeries();
      if (c === 123) {
        this.pos++;
        return this.#labelled();
      }
      if (!isNameStart(c, true)) return this.unexpected('expected a valid start token', 'INVALID');
      this.name(true);
      this.nameStart = this.entryStart;
      this.nameEnd = this.pos;
      this.seriesEnd = this.pos;
      this.#skipBlanks();
      if (this.at(this.pos) !== 123) {
        this.pos = this.seriesEnd;
        return this.suffix();
      }
      this.pos++;
      return this.#labelled();
    }
  }

  suffix(): EntryKind {
    this.timeMs = undefined;
    const token = this.#valueToken();
    if (token !== 'VALUE') return this.unexpected('expected value after metric', token);
    this.valueStart = this.tokenStart;
    if (!this.float(this.tokenStart)) return Entry.bad;
    this.value = this.number;
    this.#skipBlanks();
    this.tokenStart = this.pos;
    if (isDigit(this.at(this.pos))) {
      while (isDigit(this.at(this.pos))) this.pos++;
      if (!this.integer(this.tokenStart)) return Entry.bad;
      this.timeMs = this.number;
      this.#skipBlanks();
      this.tokenStart = this.pos;
      if (this.at(this.pos) !== 10)
        return this.unexpected('expected next entry after timestamp', this.#other());
    } else if (this.at(this.pos) !== 10) {
      return this.unexpected('expected timestamp or new record', this.#other());
    }
    this.pos++;
    return Entry.series;
  }

  helpText(): string {
    return unescapeHelp(this.body, this.textStart, this.textEnd);
  }

  /** What stands where only digits or the end of the line may. */
  #other(): Token {
    const c = this.at(this.pos);
    if (!isDigit(c)) return 'INVALID';
    while (isDigit(this.at(this.pos))) this.pos++;
    return 'TIMESTAMP';
  }

  #skipBlanks(): void {
    let i = this.pos;
    while (i < this.limit && (this.body[i] === 32 || this.body[i] === 9)) i++;
    this.pos = i;
  }

  #valueToken(): Token {
    this.#skipBlanks();
    this.tokenStart = this.pos;
    if (this.at(this.pos) === 123) {
      this.pos++;
      return 'BOPEN';
    }
    for (;;) {
      const c = this.at(this.pos);
      if (c === 0 || c === 9 || c === 10 || c === 32 || c === 123) break;
      this.pos++;
    }
    return this.pos > this.tokenStart ? 'VALUE' : 'INVALID';
  }

  #labelled(): EntryKind {
    if (!this.#labelList()) return Entry.bad;
    this.seriesEnd = this.pos;
    if (this.nameStart >= 0) return this.suffix();
    return this.whileParsing('metric name not set');
  }

  #labelToken(): Token {
    this.#skipBlanks();
    this.tokenStart = this.pos;
    if (this.name(false)) return 'LNAME';
    switch (this.at(this.pos)) {
      case 34:
        return this.quoted(true, false) ? 'QSTRING' : 'INVALID';
      case 125:
        this.pos++;
        return 'BCLOSE';
      case 61:
        this.pos++;
        return 'EQUAL';
      case 44:
        this.pos++;
        return 'COMMA';
      default:
        return 'INVALID';
    }
  }

  /** From behind "{" to behind "}". */
  #labelList(): boolean {
    let token = this.#labelToken();
    for (;;) {
      let from = this.tokenStart;
      let to = this.pos;
      if (token === 'BCLOSE') return true;
      if (token !== 'LNAME' && token !== 'QSTRING') {
        this.unexpected('expected label name', token);
        return false;
      }
      const isQuoted = token === 'QSTRING';
      if (isQuoted) {
        from++;
        to--;
      }
      token = this.#labelToken();
      if (isQuoted && (token === 'COMMA' || token === 'BCLOSE')) {
        if (this.nameStart >= 0) {
          this.whileParsing('metric name already set');
          return false;
        }
        this.nameStart = from;
        this.nameEnd = to;
        if (token === 'BCLOSE') return true;
        token = this.#labelToken();
        continue;
      }
      if (token !== 'EQUAL') {
        this.unexpected('expected equal', token);
        return false;
      }
      if (!this.#labelValue(from, to)) return false;
      token = this.#labelToken();
      if (token === 'COMMA') token = this.#labelToken();
    }
  }

  #labelValue(from: number, to: number): boolean {
    this.#skipBlanks();
    this.tokenStart = this.pos;
    if (this.at(this.pos) !== 34 || !this.quoted(true, true)) {
      this.unexpected('expected label value', 'INVALID');
      return false;
    }
    if (!this.isUtf8(this.tokenStart, this.pos)) {
      this.fail(`invalid UTF-8 label value: ${this.quote(this.tokenStart, this.pos)}`);
      return false;
    }
    this.labels.push(from, to, this.tokenStart + 1, this.pos - 1);
    return true;
  }

  #hash(): EntryKind {
    this.pos++;
    const afterHash = this.pos;
    this.#skipBlanks();
    if (this.pos === afterHash) return this.#comment(false);
    const help = this.#keyword('HELP');
    if (!help && !this.#keyword('TYPE')) return this.#comment(true);
    return this.#metadata(help ? 'HELP' : 'TYPE');
  }

  /** Moves over the keyword and the blanks behind it. */
  #keyword(word: string): boolean {
    for (let k = 0; k < word.length; k++) if (this.at(this.pos + k) !== word.charCodeAt(k)) return false;
    const c = this.at(this.pos + word.length);
    if (c !== 32 && c !== 9) return false;
    this.pos += word.length;
    this.#skipBlanks();
    return true;
  }

  /** A zero byte ends the body, except behind "# ". */
  #comment(zeros: boolean): EntryKind {
    if (this.at(this.pos) === 0) return Entry.end;
    let i = this.pos;
    const soon = Math.min(this.limit, i + LOOKED_AT);
    while (i < soon && this.body[i] !== 10) {
      if (this.body[i] === 0 && !zeros) return Entry.end;
      i++;
    }
    if (i === soon && soon < this.limit) {
      const newline = this.body.indexOf(10, i);
      const end = newline < 0 ? this.limit : newline;
      if (!zeros && this.body.subarray(i, end).includes(0)) return Entry.end;
      i = end;
    }
    this.pos = i + 1;
    return Entry.comment;
  }

  #metadata(keyword: 'HELP' | 'TYPE'): EntryKind {
    this.tokenStart = this.pos;
    const isQuoted = this.at(this.pos) === 34;
    if (isQuoted ? !this.quoted(true, false) : !this.name(true))
      return this.unexpected(`expected metric name after ${keyword}`, 'INVALID');
    this.familyStart = this.tokenStart + (isQuoted ? 1 : 0);
    this.familyEnd = this.pos - (isQuoted ? 1 : 0);
    const from = this.pos;
    let i = from;
    if (this.at(i) !== 0) while (i < this.limit && this.body[i] !== 10) i++;
    this.textStart = Math.min(from + 1, i);
    this.textEnd = i;
    this.pos = from;
    this.#skipBlanks();
    if (this.pos === i) this.textStart = i;
    this.pos = i;
    if (keyword === 'TYPE') {
      const text = new TextDecoder().decode(this.body.subarray(this.textStart, i));
      const type = Object.hasOwn(TYPES, text) ? TYPES[text] : undefined;
      if (type === undefined) return this.fail(`invalid metric type ${this.quote(this.textStart, i)}`);
      this.metricType = type;
    } else if (!this.isUtf8(this.textStart, i)) {
      return this.fail(`help text ${this.quote(this.textStart, i)} is not a valid utf8 string`);
    }
    this.tokenStart = this.pos;
    if (this.at(this.pos) !== 10) return this.unexpected('linebreak expected after metadata', 'EOF');
    this.pos++;
    return keyword === 'TYPE' ? Entry.type : Entry.help;
  }
}
