/**
 * The parser of one target. It remembers the previous scrape as a layout: the entries of its lines in order. A line is first
 * compared with the entry at its place, as bytes; on a hit only the value is read, and no string is made. A line that differs
 * is read in full, looked up by its text, and the layout follows it.
 */
import type { MetricMetadata } from '@watchroom/model';
import { exhaust } from '@watchroom/model/turns';
import { ClassicConverter } from './classic-converter.ts';
import { DecimalReader } from './decimal.ts';
import { Entry, type EntryKind, type EntryReader } from './entry-reader.ts';
import { type ExpositionFormat, type Negotiated, negotiate, type ScrapeProtocol } from './format.ts';
import { sharedKernel } from './kernel/row-kernel.ts';
import { LineErrors } from './line-errors.ts';
import { OpenMetricsReader } from './openmetrics-reader.ts';
import { ProtobufParser } from './protobuf/protobuf-parser.ts';
import { RowReader } from './row-reader.ts';
import { exemplarLabels, LabelRule, seriesLabels } from './series-labels.ts';
import { type FamilyFact, SeriesTable } from './series-table.ts';
import type { BeforeFatal, LineError, SampleSink } from './sink.ts';
import { TextReader } from './text-reader.ts';
import { decode, unescapeValue } from './unescape.ts';

export interface ScrapeParserOptions {
  /** The format of an answer whose Content-Type is missing or unknown; such a scrape fails without it. */
  readonly fallbackProtocol?: ScrapeProtocol | undefined;
  /** How many errors a result lists; all are counted. 10 by default. */
  readonly maxErrors?: number | undefined;
  /** Reads native histograms of protobuf bodies; without it, every histogram is taken as a classic one. */
  readonly nativeHistograms?: boolean | undefined;
  /** Reads the classic buckets of native histograms too, and keeps classic series that are converted. */
  readonly classicHistograms?: boolean | undefined;
  /** Converts classic histograms to native ones with custom buckets. */
  readonly classicToCustomBuckets?: boolean | undefined;
  /** False: without WebAssembly, which is slower and gives the same. */
  readonly vectors?: boolean | undefined;
}

export interface ParseResult {
  /** Undefined when the Content-Type does not say. */
  readonly format: ExpositionFormat | undefined;
  /** Lines with a value, those included that the sink does not want or that are duplicates. */
  readonly samples: number;
  /** Lines without an own timestamp whose series stood above already; not handed to the sink. */
  readonly duplicates: number;
  readonly errors: readonly LineError[];
  readonly errorCount: number;
  /**
   * Set when Prometheus would refuse the scrape as a whole: its first error. Good lines went to the sink all the same, so the
   * sink's owner rolls back, or keeps them on purpose. `line` is 0 for an error that is not in the body.
   */
  readonly fatal: LineError | undefined;
  /** What stood before the fatal error, where Prometheus stops reading; undefined without one. */
  readonly beforeFatal: BeforeFatal | undefined;
  /** By family. The same object as before while the target's lines are the same. */
  readonly metadata: ReadonlyMap<string, MetricMetadata>;
  /** Exactly the series of the parse before, in the same order: no series came or went. */
  readonly sameSeries: boolean;
}

const DEFAULT_MAX_ERRORS = 10;
const NO_ENTRY = -1;
const FIRST_ENTRIES = 16;
/** Entries of lines that are gone are dropped when they outnumber the live ones by this and a factor of two. */
const SPARE_ENTRIES = 4096;
const NEWLINE = 10;
/** Of a step. */
const STEP_BYTES = 65_536;
const END = -1;
/** Longer comments that say nothing of a family are not remembered. */
const LONG_COMMENT = 4_096;
const EMPTY_METADATA: ReadonlyMap<string, MetricMetadata> = new Map();

export class ScrapeParser {
  readonly #fallback: ScrapeProtocol | undefined;
  readonly #maxErrors: number;
  readonly #options: ScrapeParserOptions;
  /** What was last said of the format. */
  #contentType: string | undefined;
  #negotiated: Negotiated | undefined;
  #protobuf: ProtobufParser | undefined;
  #converter: ClassicConverter | undefined;
  readonly #text = new TextReader();
  readonly #openMetrics = new OpenMetricsReader();
  readonly #decimal = new DecimalReader();
  #format: ExpositionFormat | undefined;
  #table = new SeriesTable();
  #layout = new Int32Array(FIRST_ENTRIES);
  #length = 0;
  #metadata = EMPTY_METADATA;
  #parses = 0;
  /** In place of table and layout, for lines without times: from the first on, and once a row was none, when they came twice. */
  #row: RowReader | undefined;
  #isSteady = true;
  #hasTimes = false;

  // The parse that is under way.
  #next = new Int32Array(FIRST_ENTRIES);
  #nextLength = 0;
  #cursor = 0;
  #diverged = false;
  #rule: LabelRule = LabelRule.none;
  #samples = 0;
  #duplicates = 0;
  #beforeFatal: BeforeFatal | undefined;

  constructor(options: ScrapeParserOptions = {}) {
    this.#options = options;
    this.#fallback = options.fallbackProtocol;
    this.#maxErrors = options.maxErrors ?? DEFAULT_MAX_ERRORS;
  }

  /** Forgets the previous scrape and all handles. */
  reset(): void {
    this.#table = new SeriesTable();
    this.#length = 0;
    this.#metadata = EMPTY_METADATA;
    this.#row = undefined;
    this.#isSteady = true;
    this.#protobuf = undefined;
    this.#converter = undefined;
  }

  /** Hands the body's samples to the sink. The body is not kept. Never throws on input; what the sink throws passes through. */
  parse(body: Uint8Array, contentType: string | undefined, sink: SampleSink): ParseResult {
    return exhaust(this.steps(body, contentType, sink));
  }

  /**
   * The same in steps of some milliseconds, for a long body: between two of them others may have the thread. The body must not
   * change meanwhile; no other may be begun before this one is at its end, or given up for good together with the parser.
   */
  *steps(
    body: Uint8Array,
    contentType: string | undefined,
    sink: SampleSink,
  ): Generator<void, ParseResult, void> {
    if (contentType !== this.#contentType || !this.#negotiated) {
      this.#contentType = contentType;
      this.#negotiated = negotiate(contentType, this.#fallback);
    }
    const { format, problem } = this.#negotiated;
    if (format === undefined) return refused(format, problem ?? '');
    if (format !== this.#format) this.reset();
    this.#format = format;
    // What is kept of a body is copied with `slice`, which of a Buffer does not copy.
    const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    if (this.#options.classicToCustomBuckets !== true) return yield* this.#parseAs(format, bytes, sink);
    this.#converter ??= new ClassicConverter(sink, this.#options.classicHistograms ?? false);
    const result = yield* this.#parseAs(format, bytes, this.#converter);
    // The converter hands samples on in another order.
    return { ...result, samples: this.#converter.finish(), beforeFatal: undefined, sameSeries: false };
  }

  *#parseAs(
    format: ExpositionFormat,
    body: Uint8Array,
    sink: SampleSink,
  ): Generator<void, ParseResult, void> {
    if (format === 'protobuf') return yield* this.#parseProtobuf(body, sink);
    const reader = format === 'text' ? this.#text : this.#openMetrics;
    const errors = new LineErrors(body, this.#maxErrors);
    this.#begin();
    reader.open(body);
    let sameSeries = this.#readRow(reader, sink);
    if (!sameSeries) {
      reader.open(body);
      this.#unpack();
      for (let pos = 0; ; ) {
        pos = this.#walk(reader, body, sink, errors, pos);
        if (pos === END) break;
        yield;
      }
      sameSeries = !this.#diverged && this.#cursor === this.#length;
      this.#settle(sameSeries);
      const isPlain = errors.count === 0 && !this.#hasTimes && this.#duplicates === 0;
      if ((sameSeries || this.#isSteady) && isPlain && sink.row) this.#pack();
    }
    reader.release();
    return {
      format,
      samples: this.#samples,
      duplicates: this.#duplicates,
      errors: errors.list,
      errorCount: errors.count,
      fatal: errors.list[0],
      beforeFatal: this.#beforeFatal,
      metadata: this.#metadata,
      sameSeries,
    };
  }

  /** Whether the lines were those of the body before. */
  #readRow(reader: EntryReader, sink: SampleSink): boolean {
    if (!this.#row || !sink.row) return false;
    const exemplars: (() => void)[] = [];
    const kernel = this.#options.vectors === false ? undefined : sharedKernel();
    const same = this.#row.read(kernel, reader, this.#decimal, (handle) => {
      const [labels, value, timeMs] = [exemplarLabels(reader), reader.exemplarValue, reader.exemplarTimeMs];
      exemplars.push(() => sink.exemplar?.(handle, labels, value, timeMs));
    });
    if (!same) return false;
    sink.row(this.#row.handles, this.#row.values);
    for (const tell of exemplars) tell();
    this.#samples = this.#row.samples;
    return true;
  }

  /** Leaves table and layout to a row reader, which keeps a sixth of their bytes. */
  #pack(): void {
    this.#row = RowReader.of(this.#table, this.#layout.subarray(0, this.#length));
    if (!this.#row) return;
    this.#table = new SeriesTable();
    this.#layout = new Int32Array(FIRST_ENTRIES);
    this.#next = new Int32Array(FIRST_ENTRIES);
    this.#length = 0;
  }

  #unpack(): void {
    if (!this.#row) return;
    this.#table = this.#row.unpack();
    this.#length = this.#row.count;
    this.#layout = Int32Array.from({ length: this.#length }, (_, entry) => entry);
    this.#table.place.set(this.#layout);
    this.#row = undefined;
    this.#isSteady = false;
  }

  *#parseProtobuf(body: Uint8Array, sink: SampleSink): Generator<void, ParseResult, void> {
    this.#protobuf ??= new ProtobufParser({
      nativeHistograms: this.#options.nativeHistograms ?? false,
      classicToo: this.#options.classicHistograms ?? false,
      maxErrors: this.#maxErrors,
    });
    const result = yield* this.#protobuf.steps(body, sink);
    return { format: 'protobuf', fatal: result.errors[0], ...result };
  }

  #begin(): void {
    this.#parses = (this.#parses + 1) >>> 0 || 1;
    this.#nextLength = 0;
    this.#cursor = 0;
    this.#diverged = false;
    this.#rule = LabelRule.none;
    this.#samples = 0;
    this.#duplicates = 0;
    this.#beforeFatal = undefined;
    this.#hasTimes = false;
  }

  /** Reads a stretch of the body from an entry's beginning on; gives where the next begins, or END. */
  #walk(reader: EntryReader, body: Uint8Array, sink: SampleSink, errors: LineErrors, from: number): number {
    const { view } = reader;
    const limit = body.length;
    const until = from + STEP_BYTES;
    let pos = from;
    while (pos < until) {
      const entry = this.#cursor < this.#length ? this.#layout[this.#cursor]! : NO_ENTRY;
      if (entry !== NO_ENTRY && this.#table.matches(entry, body, view, pos)) {
        const facts = this.#table.facts[entry]!;
        const after = pos + this.#table.prefixLength[entry]!;
        // A comment that ended a body without a newline may be the beginning of this one.
        if (facts.isComment && body[after - 1] === NEWLINE) {
          this.#follow(entry, sink);
          pos = after;
          continue;
        }
        if (!facts.isComment && (facts.rule === LabelRule.any || facts.rule === this.#rule)) {
          const value = this.#decimal.read(body, after, limit);
          const end = this.#decimal.end;
          if (end > 0 && end < limit && body[end] === NEWLINE) {
            this.#follow(entry, sink);
            this.#sample(entry, undefined, value, sink);
            pos = end + 1;
            continue;
          }
          reader.entryStart = pos;
          reader.pos = pos + this.#table.seriesLength[entry]!;
          const kind = reader.suffix();
          if (kind === Entry.series) {
            this.#follow(entry, sink);
            this.#read(entry, reader, sink);
            pos = reader.pos;
            continue;
          }
        }
      }
      reader.pos = pos;
      const kind = reader.next();
      if (kind === Entry.end) return END;
      if (kind === Entry.bad || !this.#accept(kind, reader, sink, errors)) {
        if (kind === Entry.bad) this.#refuse(errors, reader.entryStart, reader.message, 0);
        pos = kind === Entry.bad ? body.indexOf(NEWLINE, Math.max(pos, reader.tokenStart)) + 1 : reader.pos;
        if (pos === 0) return END;
        continue;
      }
      pos = reader.pos;
    }
    return pos;
  }

  /** Takes an entry that was read in full; false when its labels are refused. */
  #accept(kind: EntryKind, reader: EntryReader, sink: SampleSink, errors: LineErrors): boolean {
    const from = reader.entryStart;
    const to = kind === Entry.series ? reader.seriesEnd : reader.pos;
    if (kind === Entry.comment && to - from > LONG_COMMENT) {
      this.#diverged = true;
      return true;
    }
    let entry = this.#table.find(reader.body, from, to, this.#rule);
    if (entry === NO_ENTRY) {
      if (kind === Entry.series) {
        const read = seriesLabels(reader, this.#rule);
        if (typeof read === 'string') {
          this.#refuse(errors, from, read, 1);
          return false;
        }
        const handle = sink.resolve(read.labels);
        const facts = { handle, rule: read.rule, isComment: false, fact: undefined };
        entry = this.#table.add(reader.body, from, to, reader.valueStart, facts);
      } else {
        const facts = { handle: 0, rule: LabelRule.any, isComment: true, fact: factOf(kind, reader) };
        entry = this.#table.add(
          reader.body,
          from,
          Math.min(to, reader.limit),
          Math.min(to, reader.limit),
          facts,
        );
      }
    }
    this.#follow(entry, sink);
    if (kind === Entry.series) this.#read(entry, reader, sink);
    return true;
  }

  /** `counted`: 1 when the line counts as a sample. */
  #refuse(errors: LineErrors, at: number, message: string, counted: 0 | 1): void {
    const [samples, duplicates] = [this.#samples, this.#duplicates];
    this.#beforeFatal ??= { samples: samples + counted, duplicates, handed: samples - duplicates };
    errors.add(at, message);
  }

  /** Puts the entry next in the layout and moves the cursor behind its old place. */
  #follow(entry: number, sink: SampleSink): void {
    if (this.#cursor < this.#length && this.#layout[this.#cursor] === entry) this.#cursor++;
    else {
      this.#diverged = true;
      const place = this.#table.place[entry]!;
      if (place >= 0) this.#cursor = place + 1;
    }
    if (this.#nextLength === this.#next.length) {
      const grown = new Int32Array(this.#next.length * 2);
      grown.set(this.#next);
      this.#next = grown;
    }
    this.#next[this.#nextLength++] = entry;
    const type = this.#table.facts[entry]!.fact;
    if (type === undefined || type.field !== 'type') return;
    this.#rule = ruleOf(type);
    sink.family?.(type.family, type.type);
  }

  #sample(entry: number, timeMs: number | undefined, value: number, sink: SampleSink): void {
    this.#samples++;
    if (timeMs !== undefined) this.#hasTimes = true;
    const { seen } = this.#table;
    if (seen[entry] === this.#parses && timeMs === undefined) {
      this.#duplicates++;
      return;
    }
    seen[entry] = this.#parses;
    const { handle } = this.#table.facts[entry]!;
    if (handle !== 0) sink.sample(handle, timeMs, value);
  }

  #read(entry: number, reader: EntryReader, sink: SampleSink): void {
    this.#sample(entry, reader.timeMs, reader.value, sink);
    const { handle } = this.#table.facts[entry]!;
    if (reader.hasExemplar && handle !== 0)
      sink.exemplar?.(handle, exemplarLabels(reader), reader.exemplarValue, reader.exemplarTimeMs);
  }

  /** Makes the walked layout the remembered one. */
  #settle(sameSeries: boolean): void {
    if (sameSeries) return;
    for (let i = 0; i < this.#length; i++) this.#table.place[this.#layout[i]!] = NO_ENTRY;
    const old = this.#layout;
    this.#layout = this.#next;
    this.#length = this.#nextLength;
    this.#next = old;
    if (this.#table.count > 2 * this.#length + SPARE_ENTRIES) this.#drop();
    for (let i = 0; i < this.#length; i++) this.#table.place[this.#layout[i]!] = i;
    this.#metadata = this.#collect();
  }

  /** Drops the entries that the layout no longer has. */
  #drop(): void {
    const live = new Int32Array(new Set(this.#layout.subarray(0, this.#length)));
    const renumbered = new Map<number, number>();
    live.forEach((entry, i) => {
      renumbered.set(entry, i);
    });
    this.#table = this.#table.keep(live);
    for (let i = 0; i < this.#length; i++) this.#layout[i] = renumbered.get(this.#layout[i]!)!;
  }

  #collect(): ReadonlyMap<string, MetricMetadata> {
    const metadata = new Map<string, MetricMetadata>();
    for (let i = 0; i < this.#length; i++) {
      const { fact } = this.#table.facts[this.#layout[i]!]!;
      if (fact === undefined) continue;
      const before = metadata.get(fact.family) ?? { type: 'unknown', help: '', unit: '' };
      const said = fact.field === 'type' ? { type: fact.type } : { [fact.field]: fact.text };
      metadata.set(fact.family, { ...before, ...said });
    }
    return metadata;
  }
}

function ruleOf(fact: FamilyFact): LabelRule {
  if (fact.type === 'histogram') return LabelRule.le;
  return fact.type === 'summary' ? LabelRule.quantile : LabelRule.none;
}

function factOf(kind: EntryKind, reader: EntryReader): FamilyFact | undefined {
  if (kind === Entry.comment) return undefined;
  const field = kind === Entry.type ? 'type' : kind === Entry.help ? 'help' : 'unit';
  const text =
    kind === Entry.help ? reader.helpText() : decode(reader.body, reader.textStart, reader.textEnd);
  const family = unescapeValue(reader.body, reader.familyStart, reader.familyEnd);
  return { family, field, text, type: kind === Entry.type ? reader.metricType : 'unknown' };
}

function refused(format: ExpositionFormat | undefined, message: string): ParseResult {
  const fatal: LineError = { line: 0, message, text: '' };
  return {
    format,
    samples: 0,
    duplicates: 0,
    errors: [fatal],
    errorCount: 1,
    fatal,
    beforeFatal: { samples: 0, duplicates: 0, handed: 0 },
    metadata: EMPTY_METADATA,
    sameSeries: false,
  };
}
