/** Writes down what a parser says, to be told to the store's side. */
import type { ParseResult, SampleSink, SeriesHandle } from '@watchroom/exposition';
import type { Labels, MetricMetadata, NativeHistogram } from '@watchroom/model';
import { type BornSeries, type Extra, NONE_BORN, type PackedLabels, type Reading } from './protocol.ts';

const FIRST_SAMPLES = 64;

export class Recorder implements SampleSink {
  #lastHandle = 0;
  #born: BornList | undefined;
  #extras: Extra[] = [];
  #handles = new Int32Array(FIRST_SAMPLES);
  #values = new Float64Array(FIRST_SAMPLES);
  #times: Float64Array | undefined;
  #count = 0;
  #row: Float64Array | undefined;
  /** Of the row that was told last. */
  #rowHandles: Int32Array | undefined;
  #handlesAreNew = false;
  #metadata: ReadonlyMap<string, MetricMetadata> | undefined;

  /** Forgets the body before. */
  begin(): void {
    this.#born = undefined;
    this.#extras = [];
    this.#count = 0;
    this.#times = undefined;
    this.#row = undefined;
    this.#handlesAreNew = false;
  }

  resolve(labels: Labels): SeriesHandle {
    this.#born ??= new BornList();
    this.#born.add(labels);
    return ++this.#lastHandle;
  }

  sample(handle: SeriesHandle, timeMs: number | undefined, value: number): void {
    const at = this.#count++;
    if (at === this.#handles.length) this.#grow();
    this.#handles[at] = handle;
    this.#values[at] = value;
    if (timeMs !== undefined && !this.#times)
      this.#times = new Float64Array(this.#values.length).fill(Number.NaN);
    if (this.#times) this.#times[at] = timeMs ?? Number.NaN;
  }

  row(handles: Int32Array, values: Float64Array): void {
    this.#row = values;
    this.#handlesAreNew = handles !== this.#rowHandles;
    this.#rowHandles = handles;
    if (this.#handles.length === FIRST_SAMPLES) return;
    // Other rows will follow, and need neither.
    this.#handles = new Int32Array(FIRST_SAMPLES);
    this.#values = new Float64Array(FIRST_SAMPLES);
  }

  histogram(handle: SeriesHandle, timeMs: number | undefined, histogram: NativeHistogram): void {
    this.#extras.push({ kind: 'histogram', at: this.#count, handle, histogram, timeMs });
  }

  exemplar(handle: SeriesHandle, labels: Labels, value: number, timeMs: number | undefined): void {
    const at = this.#row?.length ?? this.#count;
    this.#extras.push({ kind: 'exemplar', at, handle, labels: packLabels(labels), value, timeMs });
  }

  /** A row's values are the parser's own, good until the next body. */
  finish(parsed: ParseResult): Reading {
    const { errorCount, fatal, beforeFatal, metadata } = parsed;
    const { samples, duplicates } = beforeFatal ?? parsed;
    // A fatal error has no row.
    if (beforeFatal) this.#cut(beforeFatal.handed);
    const isRow = this.#row !== undefined;
    const known = this.#metadata === metadata;
    this.#metadata = metadata;
    return {
      fatal: fatal && (fatal.line > 0 ? `line ${fatal.line}: ${fatal.message}` : fatal.message),
      samples,
      duplicates,
      errorCount,
      metadata: known ? undefined : metadata,
      born: this.#born?.packed() ?? NONE_BORN,
      isRow,
      handles: isRow ? this.#newHandles() : this.#handles.slice(0, this.#count),
      values: this.#row ?? this.#values.slice(0, this.#count),
      times: this.#times?.slice(0, this.#count),
      extras: this.#extras,
    };
  }

  /** Forgets what came behind so many samples. */
  #cut(handed: number): void {
    let histograms = 0;
    this.#extras = this.#extras.filter(({ kind, at }) => {
      if (at + histograms >= handed) return false;
      if (kind === 'histogram') histograms++;
      return true;
    });
    this.#count = Math.min(this.#count, handed - histograms);
  }

  #newHandles(): Int32Array | undefined {
    return this.#handlesAreNew ? this.#rowHandles : undefined;
  }

  #grow(): void {
    const length = this.#handles.length * 2;
    const handles = new Int32Array(length);
    handles.set(this.#handles);
    this.#handles = handles;
    this.#values = longer(this.#values, length);
    if (this.#times) this.#times = longer(this.#times, length);
  }
}

const FIRST_PLACES = 256;

/** Series of a body that were not seen before. */
class BornList {
  readonly #places = new Map<string, number>();
  #numbers = new Int32Array(FIRST_PLACES);
  #length = 0;
  #count = 0;

  add({ names, values }: Labels): void {
    const wanted = this.#length + 1 + 2 * names.length;
    if (wanted > this.#numbers.length) {
      const grown = new Int32Array(wanted * 2);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    const numbers = this.#numbers;
    let at = this.#length;
    numbers[at++] = names.length;
    for (let i = 0; i < names.length; i++) {
      numbers[at++] = this.#place(names[i]!);
      numbers[at++] = this.#place(values[i]!);
    }
    this.#length = at;
    this.#count++;
  }

  #place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(text, place);
    return place;
  }

  packed(): BornSeries {
    return {
      count: this.#count,
      texts: [...this.#places.keys()],
      places: this.#numbers.slice(0, this.#length),
    };
  }
}

function longer(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(length);
  copy.set(array);
  return copy;
}

function packLabels({ names, values }: Labels): PackedLabels {
  return names.flatMap((name, i) => [name, values[i]!]);
}
