/** A sink that writes down what it is handed. */
import type { Labels, NativeHistogram } from '@watchroom/model';
import type { ParseResult, SampleSink, ScrapeParser } from '../src/index.ts';

export interface Recorded {
  readonly result: ParseResult;
  /** Each call, as text, in order. */
  readonly calls: readonly string[];
  /** First value by label set (JSON of the sorted pairs). */
  readonly series: ReadonlyMap<string, number>;
}

/** Keeps its handles between parses, as a target's sink does. */
export class RecordingSink implements SampleSink {
  readonly labels: Labels[] = [];
  calls: string[] = [];
  series = new Map<string, number>();

  resolve(labels: Labels): number {
    return this.labels.push(labels);
  }

  sample(handle: number, timeMs: number | undefined, value: number): void {
    const name = this.#name(handle);
    this.calls.push(`${name} ${timeMs} ${Object.is(value, -0) ? '-0' : value}`);
    if (!this.series.has(name)) this.series.set(name, value);
  }

  histogram(handle: number, timeMs: number | undefined, histogram: NativeHistogram): void {
    this.calls.push(`histogram ${this.#name(handle)} ${timeMs} ${JSON.stringify(histogram)}`);
  }

  exemplar(handle: number, labels: Labels, value: number, timeMs: number | undefined): void {
    this.calls.push(`exemplar ${this.#name(handle)} ${labels} ${value} ${timeMs}`);
  }

  #name(handle: number): string {
    return JSON.stringify([...this.labels[handle - 1]!.pairs()].sort());
  }
}

/** Takes bodies in rows where the parser offers them; the calls are those of a sink that does not, in another order. */
export class RowSink extends RecordingSink {
  rows = 0;

  row(handles: Int32Array, values: Float64Array): void {
    this.rows++;
    handles.forEach((handle, i) => {
      this.sample(handle, undefined, values[i]!);
    });
  }
}

export function record(
  parser: ScrapeParser,
  body: Uint8Array,
  contentType: string,
  sink: RecordingSink = new RecordingSink(),
): Recorded {
  sink.calls = [];
  sink.series = new Map();
  const result = parser.parse(body, contentType, sink);
  return { result, calls: sink.calls, series: sink.series };
}
