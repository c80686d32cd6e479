/**
 * OpenMetrics text 1.0.0 and 0.0.1 as Prometheus 3 reads it
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/#abnf): one space between parts, no blank lines, "# EOF" at the end,
 * timestamps in seconds with a fraction, exemplars behind " # ". Laxer than the specification in all that concerns several
 * lines (grouping, suffixes, bucket order): validateOpenMetrics checks that.
 *
 *   body     = { metadata | sample } "# EOF" ["\n"]
 *   metadata = "# " ("TYPE" | "HELP" | "UNIT") " " name " " text "\n"
 *   sample   = series " " number [" " timestamp] [" # {" labels "} " number [" " timestamp]] "\n"
 */
import type { MetricType } from '@watchroom/model';
import { Entry, type EntryKind, EntryReader, type Token } from './entry-reader.ts';
import { decode, unescapeValue } from './unescape.ts';

const TYPES: ReadonlySet<string> = new Set<MetricType>([
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
  'unknown',
]);

const NO_EOF = 'data does not end with # EOF';

export class OpenMetricsReader extends EntryReader {
  next(): EntryKind {
    this.entryStart = this.pos;
    this.tokenStart = this.pos;
    if (this.pos >= this.limit) return this.fail(NO_EOF);
    if (this.at(this.pos) === 35) return this.#hash();
    this.clearSeries();
    if (this.at(this.pos) === 123) {
      this.pos++;
      return this.#labelled();
    }
    if (!this.name(true)) return this.unexpected('expected a valid start token', 'INVALID');
    this.nameStart = this.entryStart;
    this.nameEnd = this.pos;
    this.seriesEnd = this.pos;
    if (this.at(this.pos) !== 123) return this.suffix();
    this.pos++;
    return this.#labelled();
  }

  suffix(): EntryKind {
    this.timeMs = undefined;
    this.hasExemplar = false;
    let token = this.#valueToken();
    if (token !== 'VALUE') return this.unexpected('expected value after metric', token);
    this.valueStart = this.tokenStart + 1;
    if (!this.float(this.tokenStart + 1)) return Entry.bad;
    this.value = this.number;
    token = this.#afterValue(true);
    if (token === 'LINEBREAK') return Entry.series;
    if (token === 'EOF') return this.fail(NO_EOF);
    if (token === 'COMMENT') return this.#exemplar();
    if (token === 'TIMESTAMP') {
      if (!this.#time('invalid timestamp')) return Entry.bad;
      this.timeMs = this.number;
      token = this.#afterValue(true);
      if (token === 'LINEBREAK') return Entry.series;
      if (token === 'COMMENT') return this.#exemplar();
      return this.unexpected('expected next entry after timestamp', token);
    }
    return this.#strayAfterValue();
  }

  helpText(): string {
    return unescapeValue(this.body, this.textStart, this.textEnd);
  }

  /** What is no timestamp, exemplar or end of line is read as the start of the next entry, where nothing fits. */
  #strayAfterValue(): EntryKind {
    this.entryStart = this.pos;
    const token = this.#afterValue(true);
    if (token === 'EOF') return this.fail(NO_EOF);
    return this.unexpected('expected a valid start token', token);
  }

  /** Seconds in the token behind its space, as whole milliseconds. */
  #time(problem: string): boolean {
    if (!this.float(this.tokenStart + 1)) return false;
    const seconds = this.number;
    if (!Number.isFinite(seconds)) {
      const shown = Number.isNaN(seconds) ? 'NaN' : seconds > 0 ? '+Inf' : '-Inf';
      this.fail(`${problem} ${shown}`);
      return false;
    }
    this.timeSeconds = seconds;
    this.number = Math.trunc(seconds * 1000) + 0;
    return true;
  }

  /** " " and at least one more byte that is neither blank nor newline. */
  #spaced(): boolean {
    if (this.at(this.pos) !== 32) return false;
    this.pos++;
    const from = this.pos;
    for (;;) {
      const c = this.at(this.pos);
      if (c === 0 || c === 10 || c === 32) return this.pos > from;
      this.pos++;
    }
  }

  #valueToken(): Token {
    if (this.pos >= this.limit) return 'EOF';
    this.tokenStart = this.pos;
    if (this.at(this.pos) === 123) {
      this.pos++;
      return 'BOPEN';
    }
    return this.#spaced() ? 'VALUE' : 'INVALID';
  }

  /** Behind a value or a timestamp: another token of the line, or its end. */
  #afterValue(exemplarAllowed: boolean): Token {
    if (this.pos >= this.limit) return 'EOF';
    this.tokenStart = this.pos;
    if (this.at(this.pos) === 10) {
      this.pos++;
      return 'LINEBREAK';
    }
    if (!this.#spaced()) return 'INVALID';
    const isHash = this.pos === this.tokenStart + 2 && this.at(this.tokenStart + 1) === 35;
    if (!exemplarAllowed || !isHash || this.at(this.pos) !== 32) return 'TIMESTAMP';
    this.pos++;
    if (this.at(this.pos) !== 123) return 'INVALID';
    this.pos++;
    return 'COMMENT';
  }

  #labelled(): EntryKind {
    if (!this.#labelList(this.labels, false)) return Entry.bad;
    this.seriesEnd = this.pos;
    if (this.nameStart >= 0) return this.suffix();
    this.#valueToken();
    return this.whileParsing('metric name not set');
  }

  #exemplar(): EntryKind {
    this.exemplarLabels.length = 0;
    if (!this.#labelList(this.exemplarLabels, true)) return Entry.bad;
    let token = this.#valueToken();
    if (token !== 'VALUE') return this.unexpected('expected value after exemplar labels', token);
    if (!this.float(this.tokenStart + 1)) return Entry.bad;
    this.exemplarValue = this.number;
    this.exemplarTimeMs = undefined;
    token = this.#afterValue(false);
    if (token === 'EOF') return this.fail(NO_EOF);
    if (token === 'TIMESTAMP') {
      if (!this.#time('invalid exemplar timestamp')) return Entry.bad;
      this.exemplarTimeMs = this.number;
      token = this.#afterValue(false);
      if (token !== 'LINEBREAK')
        return this.unexpected('expected next entry after exemplar timestamp', token);
    } else if (token !== 'LINEBREAK') return this.unexpected('expected timestamp or comment', token);
    this.hasExemplar = true;
    return Entry.series;
  }

  #labelToken(isExemplar: boolean): Token {
    if (this.pos >= this.limit) return 'EOF';
    this.tokenStart = this.pos;
    if (this.name(false)) return 'LNAME';
    switch (this.at(this.pos)) {
      case 34:
        return this.quoted(!isExemplar, false) ? 'QSTRING' : 'INVALID';
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
  #labelList(into: number[], isExemplar: boolean): boolean {
    let token = this.#labelToken(isExemplar);
    for (;;) {
      let from = this.tokenStart;
      let to = this.pos;
      if (token === 'BCLOSE') return true;
      if (token !== 'LNAME' && token !== 'QSTRING') return this.#refuse('expected label name', token);
      const isQuoted = token === 'QSTRING';
      if (isQuoted) {
        from++;
        to--;
      }
      token = this.#labelToken(isExemplar);
      if (!isExemplar && (token === 'COMMA' || token === 'BCLOSE') && (isQuoted || this.nameStart >= 0)) {
        if (this.nameStart >= 0) {
          this.whileParsing('metric name already set');
          return false;
        }
        this.nameStart = from;
        this.nameEnd = to;
        if (token === 'BCLOSE') return true;
        token = this.#labelToken(isExemplar);
        continue;
      }
      if (token !== 'EQUAL') return this.#refuse('expected equal', token);
      if (!this.#labelValue(into, from, to, isExemplar)) return false;
      token = this.#labelToken(isExemplar);
      if (token === 'COMMA') token = this.#labelToken(isExemplar);
      else if (token !== 'BCLOSE') return this.#refuse('expected comma or brace close', token);
    }
  }

  #refuse(expected: string, token: Token): boolean {
    this.unexpected(expected, token);
    return false;
  }

  #labelValue(into: number[], from: number, to: number, isExemplar: boolean): boolean {
    if (this.pos >= this.limit) return this.#refuse('expected label value', 'EOF');
    this.tokenStart = this.pos;
    if (this.at(this.pos) !== 34 || !this.quoted(false, !isExemplar))
      return this.#refuse('expected label value', 'INVALID');
    if (!this.isUtf8(this.tokenStart, this.pos)) {
      this.fail(`invalid UTF-8 label value: ${this.quote(this.tokenStart, this.pos)}`);
      return false;
    }
    into.push(from, to, this.tokenStart + 1, this.pos - 1);
    return true;
  }

  #hash(): EntryKind {
    this.pos++;
    if (this.at(this.pos) !== 32) return this.unexpected('expected a valid start token', 'INVALID');
    this.pos++;
    const word = this.#keyword();
    if (word === undefined) return this.unexpected('expected a valid start token', 'INVALID');
    if (word === 'EOF') return this.#end();
    return this.#metadata(word);
  }

  /** Moves over a keyword and its space; without one, as far as the bytes agree with any. */
  #keyword(): 'HELP' | 'TYPE' | 'UNIT' | 'EOF' | undefined {
    const from = this.pos;
    let furthest = from;
    for (const word of ['HELP', 'TYPE', 'UNIT', 'EOF'] as const) {
      const pattern = word === 'EOF' ? word : `${word} `;
      let k = 0;
      while (k < pattern.length && this.at(from + k) === pattern.charCodeAt(k)) k++;
      if (k === pattern.length) {
        this.pos = from + k;
        return word;
      }
      furthest = Math.max(furthest, from + k);
    }
    this.pos = furthest;
    return undefined;
  }

  #end(): EntryKind {
    if (this.at(this.pos) === 10) this.pos++;
    return this.pos < this.limit ? this.fail('unexpected data after # EOF') : Entry.end;
  }

  #metadata(keyword: 'HELP' | 'TYPE' | 'UNIT'): EntryKind {
    if (this.pos >= this.limit) return this.unexpected(`expected metric name after ${keyword}`, 'EOF');
    this.tokenStart = this.pos;
    const isQuoted = this.at(this.pos) === 34;
    if (isQuoted ? !this.quoted(true, false) : !this.name(true))
      return this.unexpected(`expected metric name after ${keyword}`, 'INVALID');
    this.familyStart = this.tokenStart + (isQuoted ? 1 : 0);
    this.familyEnd = this.pos - (isQuoted ? 1 : 0);
    const newline = this.at(this.pos) === 32 ? this.body.indexOf(10, this.pos) : -1;
    if (newline < 0) return this.fail(`expected text in ${keyword}`);
    this.textStart = this.pos + 1;
    this.textEnd = newline;
    this.pos = newline + 1;
    return this.#text(keyword);
  }

  #text(keyword: 'HELP' | 'TYPE' | 'UNIT'): EntryKind {
    const { textStart, textEnd } = this;
    if (keyword === 'HELP') {
      if (this.isUtf8(textStart, textEnd)) return Entry.help;
      return this.fail(`help text ${this.quote(textStart, textEnd)} is not a valid utf8 string`);
    }
    const text = decode(this.body, textStart, textEnd);
    if (keyword === 'TYPE') {
      if (!TYPES.has(text)) return this.fail(`invalid metric type ${this.quote(textStart, textEnd)}`);
      this.metricType = text as MetricType;
      return Entry.type;
    }
    const family = decode(this.body, this.familyStart, this.familyEnd);
    if (text === '' || family.endsWith(`_${text}`)) return Entry.unit;
    return this.fail(
      `unit ${this.quote(textStart, textEnd)} not a suffix of metric ${this.quote(this.familyStart, this.familyEnd)}`,
    );
  }
}
