/**
 * The sliding window of one live query as typed-array columns.
 *
 * Grid times are multiples of `stepMs`; the window holds the last floor(windowMs / stepMs) + 1 of them (none when
 * windowMs is 0: then there is the head only). A column keeps twice that room: the window slides along it and moves to
 * the front when it meets the end, so `times` and `values` are always contiguous views and a slide costs O(1) amortised.
 *
 * No value is STALE, a NaN of its own: drawing code sees a NaN and breaks the line, `isNone` tells it from a NaN that the
 * query returned. Frames are those of contract/src/live.ts, by shape.
 */
import { isStale, STALE } from '@watchroom/model';
import { fromWire, type WindowFrame, type WindowHead, type WireNumber } from './window-frame.ts';

/** Whether a window's value says that there is no sample. */
export const isNone: (value: number) => boolean = isStale;

/** The name under which equal label sets are one series: labels sorted by name, joined. */
export function seriesId(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${name}\uffff${labels[name]}`)
    .join('\uffff');
}

/** One series of a window. The object lives as long as the series is in the window. */
export class WindowSeries {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** One value per grid time of the window's `times`; read only, valid until the next `apply`. */
  values: Float64Array = new Float64Array(0);
  /** The value at the window's `headMs`; none when the series has no head. */
  head: number = STALE;
  /** Number on the wire; undefined for a series that this server run has not named. */
  key: number | undefined;
  buffer: Float64Array;

  constructor(labels: Readonly<Record<string, string>>, roomPoints: number) {
    this.id = seriesId(labels);
    this.labels = labels;
    this.buffer = new Float64Array(roomPoints).fill(STALE);
  }
}

export class SeriesWindow {
  readonly windowMs: number;
  readonly stepMs: number;
  /** Most grid times held at once. */
  readonly capacity: number;
  /** Rises with each applied frame; compare it to know whether to draw again. */
  version = 0;
  /** In order of arrival; a series without any value in the window and without a head leaves. */
  series: readonly WindowSeries[] = [];
  /** Grid times held, ascending, `stepMs` apart; read only, valid until the next `apply`. */
  times: Float64Array = new Float64Array(0);
  /** Time of the head; undefined before the first one. */
  headMs: number | undefined;
  /** Server time at which the newest feed that the window reflects had ended. */
  fedAtMs: number | undefined;

  readonly #byKey = new Map<number, WindowSeries>();
  readonly #byId = new Map<string, WindowSeries>();
  readonly #room: number;
  readonly #timeBuffer: Float64Array;
  #start = 0;
  #length = 0;
  #toMs = 0;

  constructor(spec: { readonly windowMs: number; readonly stepMs: number }) {
    this.windowMs = spec.windowMs;
    this.stepMs = spec.stepMs;
    this.capacity = spec.windowMs > 0 ? Math.floor(spec.windowMs / spec.stepMs) + 1 : 0;
    this.#room = this.capacity * 2;
    this.#timeBuffer = new Float64Array(this.#room);
  }

  get length(): number {
    return this.#length;
  }

  /** First grid time held; 0 when there is none. */
  get fromMs(): number {
    return this.#length === 0 ? 0 : this.times[0]!;
  }

  /** Last grid time held, or known to be covered (a head-only window holds none); 0 before the first frame. */
  get toMs(): number {
    return this.#toMs;
  }

  /** Index of a grid time in `times`, or -1 when it is not held. */
  indexOf(timeMs: number): number {
    if (this.#length === 0) return -1;
    const index = (timeMs - this.times[0]!) / this.stepMs;
    return Number.isInteger(index) && index >= 0 && index < this.#length ? index : -1;
  }

  byId(id: string): WindowSeries | undefined {
    return this.#byId.get(id);
  }

  /** Takes a frame in: a snapshot replaces everything, a fill its block's times, a delta the points it names. */
  apply(frame: WindowFrame): void {
    if (frame.kind === 'snapshot') this.#reset();
    if (frame.kind !== 'delta') this.#forgetKeys();
    this.#slideTo(frame.fromMs, frame.toMs);
    for (const { key, labels } of frame.series) this.#name(key, labels);
    if (frame.block) this.#write(frame.block, frame.kind === 'fill');
    if (frame.head) this.#setHead(frame.head);
    for (const key of frame.removed ?? []) this.#unname(key);
    this.#dropEmpty();
    if (frame.fedAtMs !== undefined) this.fedAtMs = frame.fedAtMs;
    this.version++;
  }

  #reset(): void {
    this.series = [];
    this.#byId.clear();
    this.#start = 0;
    this.#length = 0;
    this.#toMs = 0;
    this.headMs = undefined;
    this.#view();
  }

  #forgetKeys(): void {
    for (const series of this.#byKey.values()) series.key = undefined;
    this.#byKey.clear();
  }

  #name(key: number, labels: Readonly<Record<string, string>>): void {
    const id = seriesId(labels);
    let series = this.#byId.get(id);
    if (!series) {
      series = new WindowSeries(labels, this.#room);
      this.#byId.set(id, series);
      this.series = [...this.series, series];
      this.#viewOf(series);
    }
    series.key = key;
    this.#byKey.set(key, series);
  }

  #unname(key: number): void {
    const series = this.#byKey.get(key);
    this.#byKey.delete(key);
    if (series) series.key = undefined;
  }

  /** Appends grid times without values up to `toMs`; starts anew when what is held lies before the window. */
  #slideTo(fromMs: number, toMs: number): void {
    if (this.capacity === 0) {
      this.#toMs = Math.max(this.#toMs, toMs);
      return;
    }
    const oldestMs = Math.max(fromMs, toMs - (this.capacity - 1) * this.stepMs);
    if (this.#length === 0 || this.#toMs < oldestMs - this.stepMs) {
      this.#start = 0;
      this.#length = 0;
      this.#toMs = oldestMs - this.stepMs;
    }
    while (this.#toMs < toMs) this.#push(this.#toMs + this.stepMs);
    this.#view();
  }

  #push(timeMs: number): void {
    if (this.#length === this.capacity) {
      this.#start++;
      this.#length--;
    }
    if (this.#start + this.#length === this.#room) this.#moveToFront();
    const at = this.#start + this.#length++;
    this.#timeBuffer[at] = timeMs;
    for (const series of this.series) series.buffer[at] = STALE;
    this.#toMs = timeMs;
  }

  #moveToFront(): void {
    const end = this.#start + this.#length;
    this.#timeBuffer.copyWithin(0, this.#start, end);
    for (const series of this.series) series.buffer.copyWithin(0, this.#start, end);
    this.#start = 0;
  }

  #view(): void {
    this.times = this.#timeBuffer.subarray(this.#start, this.#start + this.#length);
    for (const series of this.series) this.#viewOf(series);
  }

  #viewOf(series: WindowSeries): void {
    series.values = series.buffer.subarray(this.#start, this.#start + this.#length);
  }

  #write(block: NonNullable<WindowFrame['block']>, complete: boolean): void {
    const at = block.times.map((timeMs) => this.indexOf(timeMs));
    if (complete) {
      for (const series of this.series) for (const index of at) if (index >= 0) series.values[index] = STALE;
    }
    block.keys.forEach((key, row) => {
      const series = this.#byKey.get(key);
      const values: readonly WireNumber[] | undefined = block.values[row];
      if (!series || !values) return;
      for (let i = 0; i < at.length; i++) {
        const index = at[i]!;
        if (index >= 0) series.values[index] = fromWire(values[i]);
      }
    });
  }

  #setHead(head: WindowHead): void {
    this.headMs = head.timeMs;
    for (const series of this.series) series.head = STALE;
    head.keys.forEach((key, row) => {
      const series = this.#byKey.get(key);
      if (series) series.head = fromWire(head.values[row]);
    });
  }

  /** Series that the server no longer names leave once nothing of them is in the window. */
  #dropEmpty(): void {
    const kept = this.series.filter(
      (series) => series.key !== undefined || !isNone(series.head) || !series.values.every(isNone),
    );
    if (kept.length === this.series.length) return;
    this.series = kept;
    this.#byId.clear();
    for (const series of kept) this.#byId.set(series.id, series);
  }
}
