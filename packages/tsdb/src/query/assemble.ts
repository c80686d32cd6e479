/** Joins the parts of one series from blocks and head into two columns. */
import { isAbsent } from '../chunk/absent.ts';
import type { Part } from '../head/segment.ts';

export interface Columns {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

interface Cut extends Part {
  readonly from: number;
  readonly end: number;
}

/** Reuses the timestamps of the series before when they come from the same places, as those of one target do. */
export class Assembler {
  readonly #startMs: number;
  readonly #endMs: number;
  #lastCuts: readonly Cut[] = [];
  #lastTimestamps: Float64Array = new Float64Array(0);

  constructor(startMs: number, endMs: number) {
    this.#startMs = startMs;
    this.#endMs = endMs;
  }

  /** Undefined when no sample is in the range. The parts come in any order. */
  assemble(parts: readonly Part[]): Columns | undefined {
    const cuts: Cut[] = [];
    let length = 0;
    let holes = false;
    for (const part of parts) {
      const from = lowerBound(part.times, part.times.length, this.#startMs);
      const end = lowerBound(part.times, part.times.length, this.#endMs, true);
      if (end <= from) continue;
      cuts.push({ ...part, from, end });
      length += end - from;
      holes ||= part.holes;
    }
    if (cuts.length === 0) return undefined;
    if (!holes && cuts.length === 1) return view(cuts[0]!);
    cuts.sort((a, b) => a.times[a.from]! - b.times[b.from]!);
    if (holes || overlap(cuts)) return merge(cuts, length);
    return this.#join(cuts, length);
  }

  #join(cuts: readonly Cut[], length: number): Columns {
    const values = new Float64Array(length);
    const known = this.#sameTimes(cuts);
    const timestamps = known ? this.#lastTimestamps : new Float64Array(length);
    let at = 0;
    for (const cut of cuts) {
      values.set(cut.values.subarray(cut.from, cut.end), at);
      if (!known) timestamps.set(cut.times.subarray(cut.from, cut.end), at);
      at += cut.end - cut.from;
    }
    this.#lastCuts = cuts;
    this.#lastTimestamps = timestamps;
    return { timestamps, values };
  }

  #sameTimes(cuts: readonly Cut[]): boolean {
    if (cuts.length !== this.#lastCuts.length) return false;
    for (let i = 0; i < cuts.length; i++) {
      const a = cuts[i]!;
      const b = this.#lastCuts[i]!;
      if (a.times.buffer !== b.times.buffer || a.times.byteOffset !== b.times.byteOffset) return false;
      if (a.from !== b.from || a.end !== b.end) return false;
    }
    return true;
  }
}

/** The first of `length` indexes whose time is not before (or, with `after`, is after) `timeMs`. */
export function lowerBound(times: Float64Array, length: number, timeMs: number, after = false): number {
  let from = 0;
  let end = length;
  while (from < end) {
    const middle = (from + end) >>> 1;
    const time = times[middle]!;
    if (time < timeMs || (after && time === timeMs)) from = middle + 1;
    else end = middle;
  }
  return from;
}

function view(cut: Cut): Columns {
  return {
    timestamps: cut.times.subarray(cut.from, cut.end),
    values: cut.values.subarray(cut.from, cut.end),
  };
}

function overlap(cuts: readonly Cut[]): boolean {
  for (let i = 1; i < cuts.length; i++) {
    const before = cuts[i - 1]!;
    if (cuts[i]!.times[cuts[i]!.from]! <= before.times[before.end - 1]!) return true;
  }
  return false;
}

/** The general case: cells without a sample are left out; of samples with one time the first part's counts. */
function merge(cuts: readonly Cut[], length: number): Columns | undefined {
  const timestamps = new Float64Array(length);
  const values = new Float64Array(length);
  const places = cuts.map((cut) => cut.from);
  let count = 0;
  for (;;) {
    let best = -1;
    for (let i = 0; i < cuts.length; i++) {
      const cut = cuts[i]!;
      while (places[i]! < cut.end && cut.holes && isAbsent(cut.values[places[i]!]!)) places[i]!++;
      if (places[i]! >= cut.end) continue;
      if (best < 0 || cut.times[places[i]!]! < cuts[best]!.times[places[best]!]!) best = i;
    }
    if (best < 0) break;
    const cut = cuts[best]!;
    const timeMs = cut.times[places[best]!]!;
    if (count === 0 || timeMs > timestamps[count - 1]!) {
      timestamps[count] = timeMs;
      values[count++] = cut.values[places[best]!]!;
    }
    places[best]!++;
  }
  if (count === 0) return undefined;
  return { timestamps: timestamps.subarray(0, count), values: values.subarray(0, count) };
}
