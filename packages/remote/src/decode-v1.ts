/**
 * Remote write 1.0, message prometheus.WriteRequest: 1 timeseries {1 labels {1 name, 2 value}, 2 samples {1 value,
 * 2 timestamp}, 3 exemplars {1 labels, 2 value, 3 timestamp}, 4 histograms}, 3 metadata {1 type, 2 family, 4 help, 5 unit}. A series is found by the bytes of its labels as they came.
 * Source: https://prometheus.io/docs/specs/prw/remote_write_spec/ and Prometheus prompb/{remote,types}.proto
 */
import { Labels } from '@watchroom/model';
import { type ByteTable, hashBytes } from '@watchroom/model/byte-table';
import { readHistogram } from './decode-histogram.ts';
import { readSample } from './decode-sample.ts';
import { MalformedError } from './errors.ts';
import { typeOf } from './families.ts';
import { type LabelText, type MetricNames, makeEntry, type SeriesEntry } from './series-entry.ts';
import { textOf } from './text.ts';
import { BYTES, FIXED64, VARINT, type Wire } from './wire.ts';
import { SERIES_PER_STEP, type WriteBatch } from './write-batch.ts';

const LABEL_TAG = 0x0a;
const SAMPLE_TAG = 0x12;
const VALUE_TAG = 0x09;
const TIME_TAG = 0x10;

export class DecoderV1 {
  readonly #wire: Wire;
  readonly #batch: WriteBatch;
  readonly #table: ByteTable<SeriesEntry>;
  readonly #names: MetricNames;
  /** Labels that came after something else, start and end in turn. */
  #late: number[] = [];

  constructor(wire: Wire, batch: WriteBatch, table: ByteTable<SeriesEntry>, names: MetricNames) {
    this.#wire = wire;
    this.#batch = batch;
    this.#table = table;
    this.#names = names;
  }

  /** Fills the batch from a message, some hundred series a step; throws MalformedError or RequestTooLargeError. */
  *steps(message: Buffer): Generator<void, void, void> {
    const wire = this.#wire;
    wire.reset(message);
    const end = message.length;
    let series = 0;
    while (wire.next(end)) {
      if (wire.field === 1) {
        wire.expect(BYTES, 'WriteRequest');
        this.#series(wire.limit(end));
        if (++series % SERIES_PER_STEP === 0) yield;
      } else if (wire.field === 3) {
        wire.expect(BYTES, 'WriteRequest');
        this.#metadata(wire.limit(end));
      } else wire.skip(end);
    }
  }

  #series(end: number): void {
    const wire = this.#wire;
    const start = wire.at;
    const labelsEnd = this.#passLabels(end);
    this.#late.length = 0;
    wire.at = labelsEnd;
    for (;;) {
      this.#samples(end);
      if (wire.at >= end) break;
      const tagAt = wire.at;
      wire.next(end);
      if (wire.field === 2) {
        wire.expect(BYTES, 'TimeSeries');
        readSample(wire, wire.limit(end), this.#batch);
      } else if (wire.field === 1) {
        wire.expect(BYTES, 'TimeSeries');
        wire.at = wire.limit(end);
        this.#late.push(tagAt, wire.at);
      } else if (wire.field === 3) {
        wire.expect(BYTES, 'TimeSeries');
        this.#exemplar(wire.limit(end));
      } else if (wire.field === 4) {
        wire.expect(BYTES, 'TimeSeries');
        this.#batch.addHistogram(readHistogram(wire, wire.limit(end)));
      } else wire.skip(end);
    }
    const entry = this.#late.length === 0 ? this.#entry(start, labelsEnd) : this.#lateEntry(start, labelsEnd);
    this.#batch.endSeries(entry);
  }

  /** Where the labels at the start of a series end. */
  #passLabels(end: number): number {
    const wire = this.#wire;
    const { buffer } = wire;
    let at = wire.at;
    while (at < end && buffer[at] === LABEL_TAG) {
      const length = at + 1 < end ? buffer[at + 1]! : 128;
      if (length < 128) {
        at += 2 + length;
      } else {
        wire.at = at + 1;
        at = wire.limit(end);
      }
    }
    if (at > end) throw wire.truncated();
    return at;
  }

  /** Samples in the form in which all senders write them; stops at the first byte of anything else. */
  #samples(end: number): void {
    const wire = this.#wire;
    const { buffer, view } = wire;
    const batch = this.#batch;
    let at = wire.at;
    while (at + 2 <= end && buffer[at] === SAMPLE_TAG) {
      const sampleEnd = at + 2 + buffer[at + 1]!;
      if (buffer[at + 1]! >= 128 || sampleEnd > end) break;
      let p = at + 2;
      let value = 0;
      if (p + 9 <= sampleEnd && buffer[p] === VALUE_TAG) {
        value = view.getFloat64(p + 1, true);
        p += 9;
      }
      // Six bytes hold the milliseconds from 1971 to 2109.
      if (sampleEnd - p !== 7 || buffer[p] !== TIME_TAG || buffer[p + 6]! >= 128) break;
      const low = buffer[p + 1]! & buffer[p + 2]! & buffer[p + 3]! & buffer[p + 4]! & buffer[p + 5]!;
      if (low < 128) break;
      const under28 =
        (buffer[p + 1]! & 127) |
        ((buffer[p + 2]! & 127) << 7) |
        ((buffer[p + 3]! & 127) << 14) |
        ((buffer[p + 4]! & 127) << 21);
      const above28 = (buffer[p + 5]! & 127) | (buffer[p + 6]! << 7);
      batch.add(above28 * 0x10000000 + under28, value);
      at = sampleEnd;
    }
    wire.at = at;
  }

  #exemplar(end: number): void {
    const wire = this.#wire;
    const names: LabelText[] = [];
    const values: LabelText[] = [];
    let [value, timeMs] = [0, 0];
    while (wire.next(end)) {
      if (wire.field === 1) {
        wire.expect(BYTES, 'Exemplar');
        this.#label(wire.limit(end), names, values);
      } else if (wire.field === 2) {
        wire.expect(FIXED64, 'Exemplar');
        value = wire.double(end);
      } else if (wire.field === 3) {
        wire.expect(VARINT, 'Exemplar');
        timeMs = wire.int64(end);
      } else wire.skip(end);
    }
    const pairs = names.map((name, i): [string, string] => [name ?? '\ufffd', values[i] ?? '\ufffd']);
    this.#batch.addExemplar({ labels: Labels.fromPairs(pairs), value, timeMs });
  }

  #metadata(end: number): void {
    const wire = this.#wire;
    const texts = { 2: '', 4: '', 5: '' };
    let type = 0;
    while (wire.next(end)) {
      if (wire.field === 1) {
        wire.expect(VARINT, 'MetricMetadata');
        type = wire.varint(end);
      } else if (wire.field === 2 || wire.field === 4 || wire.field === 5) {
        wire.expect(BYTES, 'MetricMetadata');
        const limit = wire.limit(end);
        texts[wire.field] = textOf(wire.buffer, wire.at, limit) ?? '\ufffd';
        wire.at = limit;
      } else wire.skip(end);
    }
    if (texts[2] !== '')
      this.#batch.addMetadata(texts[2], { type: typeOf(type), help: texts[4], unit: texts[5] });
  }

  #entry(start: number, end: number): SeriesEntry {
    const { view } = this.#wire;
    const length = end - start;
    const hash = hashBytes(view, start, length);
    const known = this.#table.find(hash, view, start, length);
    if (known) return known;
    const names: LabelText[] = [];
    const values: LabelText[] = [];
    this.#labels(start, end, names, values);
    const entry = makeEntry(names, values, this.#names);
    this.#table.add(hash, view, start, length, entry);
    return entry;
  }

  #lateEntry(start: number, end: number): SeriesEntry {
    const names: LabelText[] = [];
    const values: LabelText[] = [];
    const ranges = [start, end, ...this.#late];
    for (let i = 0; i < ranges.length; i += 2) this.#labels(ranges[i]!, ranges[i + 1]!, names, values);
    return makeEntry(names, values, this.#names);
  }

  /** Reads a run of label fields. */
  #labels(start: number, end: number, names: LabelText[], values: LabelText[]): void {
    const wire = this.#wire;
    const after = wire.at;
    wire.at = start;
    while (wire.next(end)) this.#label(wire.limit(end), names, values);
    wire.at = after;
  }

  #label(end: number, names: LabelText[], values: LabelText[]): void {
    const wire = this.#wire;
    let name: LabelText = '';
    let value: LabelText = '';
    while (wire.next(end)) {
      if (wire.field > 2) {
        wire.skip(end);
        continue;
      }
      wire.expect(BYTES, 'Label');
      const isName = wire.field === 1;
      const textEnd = wire.limit(end);
      const text = textOf(wire.buffer, wire.at, textEnd);
      wire.at = textEnd;
      if (isName) name = text;
      else value = text;
    }
    if (names.length >= MOST_LABELS) throw new MalformedError(`a series has more than ${MOST_LABELS} labels`);
    names.push(name);
    values.push(value);
  }
}

/** Far above what anyone uses; keeps one series from filling the index. */
const MOST_LABELS = 4096;
