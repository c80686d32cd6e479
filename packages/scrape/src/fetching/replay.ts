/** Tells a target's series what the fetching part has read: the calls that a parser would have made, in their order. */
import type { SampleSink } from '@watchroom/exposition';
import { Labels } from '@watchroom/model';
import type { BornSeries, Extra, PackedLabels, Reading } from './protocol.ts';

/** Where a reading is told to. Handles are the fetching part's: `resolve` gives 1 for the first series, 2 for the second. */
export type ReplaySink = Required<Omit<SampleSink, 'family'>>;

export class Replay {
  readonly #sink: ReplaySink;
  #rowHandles: Int32Array = new Int32Array(0);

  constructor(sink: ReplaySink) {
    this.#sink = sink;
  }

  /** What later readings build on: to be done with each, to the end, whatever becomes of its samples. A step is a series. */
  *learn({ born, isRow, handles }: Reading): Generator<void, void, void> {
    for (const labels of unpackBorn(born)) {
      this.#sink.resolve(labels);
      yield;
    }
    if (isRow && handles) this.#rowHandles = handles;
  }

  /** After `learn`. */
  tell({ isRow, handles, values, times, extras }: Reading): void {
    if (isRow) {
      this.#sink.row(this.#rowHandles, values);
      for (const extra of extras) this.#extra(extra);
      return;
    }
    let next = 0;
    for (let i = 0; i < values.length; i++) {
      while (next < extras.length && extras[next]!.at === i) this.#extra(extras[next++]!);
      const timeMs = times?.[i];
      this.#sink.sample(
        handles![i]!,
        timeMs === undefined || Number.isNaN(timeMs) ? undefined : timeMs,
        values[i]!,
      );
    }
    while (next < extras.length) this.#extra(extras[next++]!);
  }

  #extra(extra: Extra): void {
    if (extra.kind === 'histogram') this.#sink.histogram(extra.handle, extra.timeMs, extra.histogram);
    else this.#sink.exemplar(extra.handle, unpackLabels(extra.labels), extra.value, extra.timeMs);
  }
}

function* unpackBorn({ count, texts, places }: BornSeries): Generator<Labels> {
  for (let i = 0, at = 0; i < count; i++) {
    const size = places[at++]!;
    const names = new Array<string>(size);
    const values = new Array<string>(size);
    for (let k = 0; k < size; k++) {
      names[k] = texts[places[at++]!]!;
      values[k] = texts[places[at++]!]!;
    }
    yield Labels.fromSorted(names, values);
  }
}

function unpackLabels(packed: PackedLabels): Labels {
  const names: string[] = [];
  const values: string[] = [];
  for (let i = 0; i < packed.length; i += 2) {
    names.push(packed[i]!);
    values.push(packed[i + 1]!);
  }
  return Labels.fromSorted(names, values);
}
