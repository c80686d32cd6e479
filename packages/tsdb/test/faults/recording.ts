/**
 * A store that is fed by a script, with every change of its files as a boundary: what lay there before and after, and which
 * samples had been promised to outlive a kill and a loss of power.
 */
import {
  type Appender,
  type AppendOutcome,
  Labels,
  Matcher,
  type NativeHistogram,
  type SeriesRef,
} from '@watchroom/model';
import { ManualClock, seededRandom, settle } from '@watchroom/testkit';
import type { StoreOptions, TimeSeriesStore } from '../../src/index.ts';
import { openStoreWith } from '../../src/open.ts';
import type { WriterRequest } from '../../src/writer/protocol.ts';
import { Folder, type Image } from './image.ts';
import { InlineWriter } from './inline-writer.ts';

const HOUR_MS = 3_600_000;

/** What a run is like. */
export interface Regime {
  readonly retentionMs: number;
  readonly lateWindowMs: number;
  /** Before each commit nothing happens for so long: hours need few commits. */
  readonly stopsMs: readonly number[];
  readonly rollups: StoreOptions['rollups'];
  /** Samples are deleted with every so many commits; 0: never. */
  readonly deleteEvery: number;
}

export const REGIMES = {
  /** Some minutes, as dense as it may come. */
  short: { retentionMs: 240_000, lateWindowMs: 20_000, stopsMs: [0], rollups: undefined, deleteEvery: 0 },
  /** Days: aggregates are made and go again, and samples are deleted. */
  long: {
    retentionMs: 8 * HOUR_MS,
    lateWindowMs: 2_400_000,
    stopsMs: [30_000, 60_000, 120_000, 240_000],
    rollups: { fiveMinutesMs: 36 * HOUR_MS, oneHourMs: 240 * HOUR_MS },
    deleteEvery: 40,
  },
} as const satisfies Record<string, Regime>;

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

/** Samples of some series within a span, committed up to a commit. */
export interface Deletion {
  readonly series: ReadonlySet<number>;
  readonly fromMs: number;
  readonly toMs: number;
  readonly upToCommit: number;
}

export function optionsOf(dir: string, clock: ManualClock, regime: Regime): StoreOptions {
  const { retentionMs, rollups, lateWindowMs } = regime;
  return {
    dir,
    clock,
    retentionMs,
    rollups,
    maxBytes: 1e9,
    chunkRows: 10,
    markStaleOnOpen: false,
    outOfOrderWindowMs: lateWindowMs,
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
  /** No sample is at the end of a window. */
  readonly clock: ManualClock = new ManualClock(1_700_000_000_057);
  /** By series; those long behind the retention are left out. */
  readonly committed: readonly Committed[] = Array.from({ length: SERIES }, () => new Map());
  /** Wall time of each commit. */
  readonly commitMs: number[] = [];
  readonly deletions: Deletion[] = [];
  readonly regime: Regime;
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

  private constructor(dir: string, seed: number, regime: Regime) {
    this.regime = regime;
    this.#random = seededRandom(seed);
    this.#folder = new Folder(dir);
  }

  static async open(dir: string, seed: number, regime: Regime): Promise<Recording> {
    const recording = new Recording(dir, seed, regime);
    await recording.#open(dir);
    return recording;
  }

  /** Commits once and lets the store work for a while; gives the boundaries that came about. */
  async next(): Promise<Boundary[]> {
    const { stopsMs, deleteEvery } = this.regime;
    this.clock.skip(this.#pick(stopsMs));
    this.#commit();
    const isDeleting = deleteEvery > 0 && this.commitMs.length % deleteEvery === 0;
    const deleted = isDeleting ? this.#delete() : undefined;
    await this.clock.advance(this.#pick(STEPS_MS));
    await deleted;
    while (this.#writer!.open > 0) await settle();
    await settle();
    this.#observe();
    return this.#boundaries.splice(0);
  }

  /** Whether it has been asked for by now. */
  isDeleted(series: number, timeMs: number, commit: number): boolean {
    return this.deletions.some(
      (one) =>
        one.series.has(series) && one.fromMs <= timeMs && timeMs <= one.toMs && commit <= one.upToCommit,
    );
  }

  async close(): Promise<void> {
    await this.#store?.close();
    // What the store still asks of its writer finds no folder any more.
    this.#closed = true;
  }

  async #open(dir: string): Promise<void> {
    this.#store = await openStoreWith(optionsOf(dir, this.clock, this.regime), (settings) => {
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
      const late = this.#random() < 0.2 ? Math.floor(this.#random() * this.regime.lateWindowMs * 0.9) : 0;
      for (let i = GRID + OWN_TIMES; i < SERIES; i++) give(i, nowMs - late);
      appender.appendExemplar(this.#refs[SERIES - 1]!, {
        labels: Labels.fromObject({ trace: String(commit) }),
        timeMs: nowMs,
        value: commit,
      });
    }
    appender.commit();
    if (commit % 100 === 0) this.#forgetOld(nowMs - 2 * this.regime.retentionMs);
  }

  /** A third of the series, up to half of the time that is kept, and sometimes what is newest. */
  async #delete(): Promise<void> {
    const { retentionMs } = this.regime;
    const first = Math.floor(this.#random() * 3);
    const series = new Set(Array.from({ length: SERIES }, (_, i) => i).filter((i) => i % 3 === first));
    const toMs = this.clock.now() - Math.floor(Math.max(0, this.#random() - 0.3) * retentionMs);
    const fromMs = toMs - Math.floor(this.#random() * 0.5 * retentionMs);
    this.deletions.push({ series, fromMs, toMs, upToCommit: this.commitMs.length });
    const matcher = new Matcher('i', '=~', [...series].join('|'));
    await this.#store!.deleteSeries([[matcher]], { startMs: fromMs, endMs: toMs });
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }

  #forgetOld(beforeMs: number): void {
    while (this.deletions.length > 0 && this.deletions[0]!.toMs < beforeMs) this.deletions.shift();
    for (const samples of this.committed)
      for (const timeMs of samples.keys()) if (timeMs < beforeMs) samples.delete(timeMs);
  }

  #begins(request: WriterRequest): void {
    this.#observe();
    this.#promised = { answered: this.#answered, flushed: this.#flushed };
    this.#kinds.add(request.kind);
    // Aggregates have no rows.
    if (request.kind === 'block' && request.listAs === undefined) {
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
    if (request.kind === 'block') this.#keep(image, /^(chunks|rollup).*-wal$/);
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
      else if (name === 'tombstones') this.#durable.set(name, bytes);
      if (!name.endsWith('.db')) continue;
      for (const side of ['', '-wal']) {
        const now = after.get(name + side);
        if (now) this.#durable.set(name + side, now);
      }
      if (name === 'head.db') this.#flushed = this.#answered;
    }
  }
}
