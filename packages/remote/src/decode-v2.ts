/**
 * Remote write 2.0, message io.prometheus.write.v2.Request: 4 symbols, 5 timeseries {1 labels_refs, 2 samples {1 value,
 * 2 timestamp}, 3 histograms, 4 exemplars {1 labels_refs, 2 value, 3 timestamp}, 5 metadata {1 type, 3 help_ref, 4 unit_ref}}.
 * Each request has symbols of its own: a symbol is known by its bytes, and a series by the numbers of its symbols.
 * Source: https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/#protobuf-message
 */
import { Labels } from '@watchroom/model';
import { type ByteTable, hashBytes } from '@watchroom/model/byte-table';
import { readHistogram, readPacked } from './decode-histogram.ts';
import { readSample } from './decode-sample.ts';
import { RequestTooLargeError } from './errors.ts';
import { familyOf, typeOf } from './families.ts';
import { type LabelText, type MetricNames, makeEntry, type SeriesEntry } from './series-entry.ts';
import { textOf } from './text.ts';
import { BYTES, FIXED64, VARINT, type Wire } from './wire.ts';
import { SERIES_PER_STEP, type WriteBatch } from './write-batch.ts';

/** A text that requests have used. */
export interface RequestSymbol {
  readonly id: number;
  readonly text: LabelText;
}

export interface DecoderV2Tables {
  readonly symbols: ByteTable<RequestSymbol>;
  readonly series: ByteTable<SeriesEntry>;
  readonly names: MetricNames;
}

const SYMBOLS = 4;
const TIMESERIES = 5;
/** Names and values of one series. */
const MOST_REFS = 8192;
const MOST_SYMBOLS = 1 << 20;

export class DecoderV2 {
  readonly #wire: Wire;
  readonly #batch: WriteBatch;
  readonly #tables: DecoderV2Tables;
  #symbols: RequestSymbol[] = [];
  #nextSymbol = 1;
  readonly #refs: number[] = [];
  readonly #key = new DataView(new ArrayBuffer(MOST_REFS * 4));

  constructor(wire: Wire, batch: WriteBatch, tables: DecoderV2Tables) {
    this.#wire = wire;
    this.#batch = batch;
    this.#tables = tables;
  }

  /** Fills the batch from a message, some hundred series a step; throws MalformedError or RequestTooLargeError. */
  *steps(message: Buffer): Generator<void, void, void> {
    const wire = this.#wire;
    const end = message.length;
    this.#symbols = [];
    // Fields come in any order: all symbols first.
    yield* this.#each(message, SYMBOLS, () => {
      const limit = wire.limit(end);
      if (this.#symbols.length >= MOST_SYMBOLS)
        throw new RequestTooLargeError(`more than ${MOST_SYMBOLS} symbols in one request`);
      this.#symbols.push(this.#symbol(wire.at, limit - wire.at));
      wire.at = limit;
    });
    yield* this.#each(message, TIMESERIES, () => this.#series(wire.limit(end)));
  }

  *#each(message: Buffer, field: number, read: () => void): Generator<void, void, void> {
    const wire = this.#wire;
    let count = 0;
    wire.reset(message);
    while (wire.next(message.length)) {
      if (wire.field === field) {
        wire.expect(BYTES, 'Request');
        read();
        if (++count % SERIES_PER_STEP === 0) yield;
      } else wire.skip(message.length);
    }
  }

  #symbol(start: number, length: number): RequestSymbol {
    const { view, buffer } = this.#wire;
    const { symbols } = this.#tables;
    const hash = hashBytes(view, start, length);
    const known = symbols.find(hash, view, start, length);
    if (known) return known;
    const symbol = { id: this.#nextSymbol++, text: textOf(buffer, start, start + length) };
    symbols.add(hash, view, start, length, symbol);
    return symbol;
  }

  #series(end: number): void {
    const wire = this.#wire;
    const batch = this.#batch;
    const refs = this.#refs;
    refs.length = 0;
    let metadata: { type: number; help: number; unit: number } | undefined;
    while (wire.next(end)) {
      if (wire.field === 1) {
        readPacked(wire, end, VARINT, wire.varint, refs, MOST_REFS);
        continue;
      }
      if (wire.field > 5) {
        wire.skip(end);
        continue;
      }
      wire.expect(BYTES, 'TimeSeries');
      const limit = wire.limit(end);
      if (wire.field === 2) readSample(wire, limit, batch);
      else if (wire.field === 3) batch.addHistogram(readHistogram(wire, limit));
      else if (wire.field === 4) this.#exemplar(limit);
      else metadata = this.#metadata(limit);
    }
    const entry = this.#entry();
    batch.endSeries(entry);
    if (metadata && entry.fault === undefined) {
      const type = typeOf(metadata.type);
      const help = this.#text(metadata.help);
      batch.addMetadata(familyOf(entry.name.name, type), { type, help, unit: this.#text(metadata.unit) });
    }
  }

  #exemplar(end: number): void {
    const wire = this.#wire;
    const refs: number[] = [];
    let [value, timeMs] = [0, 0];
    while (wire.next(end)) {
      if (wire.field === 1) readPacked(wire, end, VARINT, wire.varint, refs, MOST_REFS);
      else if (wire.field === 2) {
        wire.expect(FIXED64, 'Exemplar');
        value = wire.double(end);
      } else if (wire.field === 3) {
        wire.expect(VARINT, 'Exemplar');
        timeMs = wire.int64(end);
      } else wire.skip(end);
    }
    const pairs: [string, string][] = [];
    for (let i = 0; i + 1 < refs.length; i += 2) pairs.push([this.#text(refs[i]!), this.#text(refs[i + 1]!)]);
    const fault =
      refs.length % 2 === 0 && refs.every((ref) => ref < this.#symbols.length)
        ? undefined
        : `exemplar labels_refs ${shownRefs(refs)} do not fit ${this.#symbols.length} symbols`;
    this.#batch.addExemplar({ labels: Labels.fromPairs(pairs), value, timeMs }, fault);
  }

  #metadata(end: number): { type: number; help: number; unit: number } {
    const wire = this.#wire;
    const found = { type: 0, help: 0, unit: 0 };
    while (wire.next(end)) {
      if (wire.field !== 1 && wire.field !== 3 && wire.field !== 4) {
        wire.skip(end);
        continue;
      }
      wire.expect(VARINT, 'Metadata');
      const value = wire.varint(end);
      if (wire.field === 1) found.type = value;
      else if (wire.field === 3) found.help = value;
      else found.unit = value;
    }
    return found;
  }

  #text(ref: number): string {
    return this.#symbols[ref]?.text ?? '';
  }

  #entry(): SeriesEntry {
    const refs = this.#refs;
    const symbols = this.#symbols;
    const names: LabelText[] = [];
    const values: LabelText[] = [];
    const key = this.#key;
    for (let i = 0; i < refs.length; i++) {
      const symbol = symbols[refs[i]!];
      if (symbol === undefined || refs.length % 2 === 1) {
        const fault = `labels_refs ${shownRefs(refs)} of a series do not fit ${symbols.length} symbols or are odd in number`;
        return { ...makeEntry([], [], this.#tables.names), fault };
      }
      key.setInt32(i * 4, symbol.id, true);
    }
    const length = refs.length * 4;
    const { series } = this.#tables;
    const hash = hashBytes(key, 0, length);
    const known = series.find(hash, key, 0, length);
    if (known) return known;
    for (let i = 0; i < refs.length; i += 2) {
      names.push(symbols[refs[i]!]!.text);
      values.push(symbols[refs[i + 1]!]!.text);
    }
    const entry = makeEntry(names, values, this.#tables.names);
    series.add(hash, key, 0, length, entry);
    return entry;
  }
}

function shownRefs(refs: readonly number[]): string {
  return `[${refs.slice(0, 20).join(' ')}${refs.length > 20 ? ' …' : ''}]`;
}
