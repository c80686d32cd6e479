/**
 * A store that is fed by a script, with every change of its files as a boundary: what lay there before and after, and which
 * samples had been promised to outlive a kill and a loss of power.
 */
import {
  type Appender,
  type AppendOutcome,
  Labels,
  type NativeHistogram,
  type SeriesRef,
} from '@watchroom/model';
import { ManualClock, seededRandom, settle } from '@watchroom/testkit';
import type { StoreOptions, TimeSeriesStore } from '../../src/index.ts';
import { openStoreWith } from '../../src/open.ts';
import type { WriterRequest } from '../../src/writer/protocol.ts';
import { Folder, type Image } from './image.ts';
import { InlineWriter } from './inline-writer.ts';

export const RETENTION_MS = 240_000;
export const LATE_WINDOW_MS = 20_000;
export const GRID = 12;
const OWN_TIMES = 9;
const LOOSE = 3;
export const SERIES: number = GRID + OWN_TIMES + LOOSE;
/** Series of native histograms among the others. */
const HISTOGRAMS: ReadonlySet<number> = new Set([GRID - 2, GRID - 1, GRID + OWN_TIMES - 1]);
const OWN_DELAY_MS = 137;
/** Two scrapes of the grid so near go together in one row. */
const TWICE_MS = 40;
const STEPS_MS = [100, 300, 1_000, 1_000];

export interface Boundary {
  readonly number: number;
  /** The kinds of requests that made it. */
  readonly what: string;
  readonly before: Image;
  readonly after: Image;
  /** What is certainly on the disk at `before`. */
  readonly durable: Image;
  readonly nowMs: number;
  readonly commits: number;
  /** Commits up to this one were answered before the change. */
  readonly answered: number;
  /** Commits up to this one were flushed before the change. */
  readonly flushed: number;
  /** Times that blocks of a chunk file span, by its number, as they were told to the head. */
  readonly blocks: ReadonlyMap<number, readonly (readonly [number, number])[]>;
  /** Blocks of which the head was not told yet: it has their rows, but for commits that were not answered when they were asked for. */
  readonly untold: readonly UntoldBlock[];
}

export interface UntoldBlock {
  readonly segment: number;
  /** The chunk file's number. */
  readonly file: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Commits up to this one are in rows. */
  readonly inRows: number;
}

/** Samples of one series that were committed: time → commit, in no order. */
export type Committed = Map<number, number>;

export function optionsOf(dir: string, clock: ManualClock): StoreOptions {
  return {
    dir,
    clock,
    retentionMs: RETENTION_MS,
    maxBytes: 1e9,
    chunkRows: 10,
    markStaleOnOpen: false,
    outOfOrderWindowMs: LATE_WINDOW_MS,
    maxExemplars: 50,
  };
}

/** The one value that this series may have at this time. */
export function valueAt(series: number, timeMs: number): number {
  const whole = (timeMs % 10_000_000) * 64 + series;
  return series % 2 === 0 ? whole : whole / 1_000;
}

/** As a sample of a series of histograms: its sum is the value. */
function histogramAt(series: number, timeMs: number): NativeHistogram {
  return {
    schema: 0,
    zeroThreshold: 0.001,
    zeroCount: 1,
    count: 4 + (timeMs % 1_000),
    sum: valueAt(series, timeMs),
    positiveSpans: [{ offset: series, length: 2 }],
    positiveBuckets: [3, timeMs % 1_000],
    negativeSpans: [],
    negativeBuckets: [],
    customBounds: [],
    resetHint: 'unknown',
  };
}

/** Appends what the series has at this time. */
export function put(appender: Appender, ref: SeriesRef, series: number, timeMs: number): AppendOutcome {
  return HISTOGRAMS.has(series)
    ? appender.appendHistogram(ref, timeMs, histogramAt(series, timeMs))
    : appender.append(ref, timeMs, valueAt(series, timeMs));
}

export function labelsOf(series: number): Labels {
  return Labels.fromObject({ __name__: `fault_${series % 5}`, i: String(series), job: 'fault' });
}

export class Recording {
  readonly clock: ManualClock = new ManualClock();
  /** By series; those long behind the retention are left out. */
  readonly committed: readonly Committed[] = Array.from({ length: SERIES }, () => new Map());
  /** Wall time of each commit. */
  readonly commitMs: number[] = [];
  readonly #random: () => number;
  readonly #folder: Folder;
  readonly #blocks = new Map<number, [number, number][]>();
  #untold: UntoldBlock[] = [];
  readonly #boundaries: Boundary[] = [];
  #store: TimeSeriesStore | undefined;
  #writer: InlineWriter | undefined;
  #image: Image = new Map();
  #durable = new Map<string, Buffer>();
  #answered = 0;
  #flushed = 0;
  #inGroup = 0;
  /** What held when the request that is worked on began. */
  #promised = { answered: 0, flushed: 0 };
  /** What a flush that is under way covers. */
  readonly #flushing = new Map<WriterRequest, { image: Image; answered: number }>();
  #number = 0;
  #closed = false;
  #kinds = new Set<string>();
  readonly #refs: SeriesRef[] = [];

  private constructor(dir: string, seed: number) {
    this.#random = seededRandom(seed);
    this.#folder = new Folder(dir);
  }

  static async open(dir: string, seed: number): Promise<Recording> {
    const recording = new Recording(dir, seed);
    await recording.#open(dir);
    return recording;
  }

  /** Commits once and lets the store work for a while; gives the boundaries that came about. */
  async next(): Promise<Boundary[]> {
    this.#commit();
    await this.clock.advance(STEPS_MS[Math.floor(this.#random() * STEPS_MS.length)]!);
    while (this.#writer!.open > 0) await settle();
    await settle();
    this.#observe();
    return this.#boundaries.splice(0);
  }

  async close(): Promise<void> {
    await this.#store?.close();
    // What the store still asks of its writer finds no folder any more.
    this.#closed = true;
  }

  async #open(dir: string): Promise<void> {
    this.#store = await openStoreWith(optionsOf(dir, this.clock), (settings) => {
      this.#writer = new InlineWriter(settings, {
        begins: (request) => this.#begins(request),
        ends: (request) => this.#ends(request),
        answered: (request) => this.#answeredOne(request),
      });
      return this.#writer;
    });
    await settle();
    this.#image = this.#folder.read();
    this.#durable = new Map(this.#image);
  }

  #commit(): void {
    const appender = this.#store!.appender();
    const nowMs = this.clock.now();
    const commit = this.commitMs.push(nowMs);
    const give = (series: number, timeMs: number) => {
      this.#refs[series] ??= appender.series(labelsOf(series));
      if (put(appender, this.#refs[series], series, timeMs) === 'ok')
        this.committed[series]!.set(timeMs, commit);
    };
    const kind = commit % 3;
    if (kind === 0)
      for (const timeMs of this.#random() < 0.3 ? [nowMs - TWICE_MS, nowMs] : [nowMs])
        for (let i = 0; i < GRID; i++) give(i, timeMs);
    if (kind === 1) for (let i = GRID; i < GRID + OWN_TIMES; i++) give(i, nowMs - OWN_DELAY_MS);
    if (kind === 2) {
      const late = this.#random() < 0.2 ? Math.floor(this.#random() * LATE_WINDOW_MS * 0.9) : 0;
      for (let i = GRID + OWN_TIMES; i < SERIES; i++) give(i, nowMs - late);
      appender.appendExemplar(this.#refs[SERIES - 1]!, {
        labels: Labels.fromObject({ trace: String(commit) }),
        timeMs: nowMs,
        value: commit,
      });
    }
    appender.commit();
    if (commit % 100 === 0) this.#forgetOld(nowMs - 2 * RETENTION_MS);
  }

  #forgetOld(beforeMs: number): void {
    for (const samples of this.committed)
      for (const timeMs of samples.keys()) if (timeMs < beforeMs) samples.delete(timeMs);
  }

  #begins(request: WriterRequest): void {
    this.#observe();
    this.#promised = { answered: this.#answered, flushed: this.#flushed };
    this.#kinds.add(request.kind);
    if (request.kind === 'block') {
      const { segment, path, minMs, maxMs } = request.block;
      const file = Number(/chunks-(\d+)/.exec(path)?.[1] ?? -1);
      this.#untold = [...this.#untold, { segment, file, minMs, maxMs, inRows: this.#answered }];
    }
    if (request.kind !== 'group') return;
    this.#inGroup = this.commitMs.length;
    for (const { block } of request.group.forget) {
      if (!block) continue;
      this.#untold = this.#untold.filter(({ segment }) => segment !== block.segment);
      const spans = this.#blocks.get(block.file) ?? [];
      this.#blocks.set(block.file, [...spans, [block.minMs, block.maxMs]]);
    }
  }

  #ends(request: WriterRequest): void {
    this.#observe();
    if (request.kind === 'sync' || request.kind === 'block')
      this.#flushing.set(request, { image: this.#image, answered: this.#answered });
    this.#promised = { answered: this.#answered, flushed: this.#flushed };
    this.#kinds.clear();
  }

  #answeredOne(request: WriterRequest): void {
    if (request.kind === 'group') this.#answered = this.#inGroup;
    const flushing = this.#flushing.get(request);
    this.#flushing.delete(request);
    if (!flushing) return;
    const { image, answered } = flushing;
    if (request.kind === 'block') this.#keep(image, /^chunks.*-wal$/);
    if (request.kind !== 'sync') return;
    this.#keep(image, /^(head\.db-wal|heartbeat)$/);
    this.#flushed = Math.max(this.#flushed, answered);
  }

  #keep(image: Image, names: RegExp): void {
    for (const [name, bytes] of image)
      if (names.test(name) && this.#image.has(name)) this.#durable.set(name, bytes);
  }

  #observe(): void {
    if (this.#closed) return;
    const before = this.#image;
    const after = this.#folder.read();
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (name) => !name.endsWith('-shm') && before.get(name) !== after.get(name),
    );
    if (changed.length === 0) return;
    this.#boundaries.push({
      number: ++this.#number,
      what: [...this.#kinds].join('+') || 'checkpoint',
      before,
      after,
      durable: new Map(this.#durable),
      nowMs: this.clock.now(),
      commits: this.commitMs.length,
      ...this.#promised,
      blocks: new Map(this.#blocks),
      untold: this.#untold,
    });
    this.#image = after;
    this.#noteDurable(changed, after);
  }

  /** Databases change only while they are flushed with their journals; files come and go for good. */
  #noteDurable(changed: readonly string[], after: Image): void {
    for (const name of changed) {
      const bytes = after.get(name);
      if (!bytes) this.#durable.delete(name);
      if (!name.endsWith('.db')) continue;
      for (const side of ['', '-wal']) {
        const now = after.get(name + side);
        if (now) this.#durable.set(name + side, now);
      }
      if (name === 'head.db') this.#flushed = this.#answered;
    }
  }
}
