/**
 * The series of one target between scrapes: a row per handle in plain arrays, so that a line costs an array look-up and one
 * append. Staleness works with a number per scrape: a live row that the scrape did not touch has vanished.
 * Source of the rules: Prometheus scrape/scrape.go (scrapeCache, append), https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness
 */
import type { ScrapeConfig } from '@watchroom/config';
import type { SeriesHandle } from '@watchroom/exposition';
import {
  type Appender,
  type AppendOutcome,
  type ExemplarOutcome,
  type Labels,
  type NativeHistogram,
  NO_SERIES,
  type SeriesRef,
  STALE,
} from '@watchroom/model';
import { ExemplarCounts } from './exemplar-counts.ts';
import type { ScrapeFault } from './fetching/protocol.ts';
import type { ReplaySink } from './fetching/replay.ts';
import { limited } from './histogram-limits.ts';
import { mutate } from './mutate.ts';

/** A row's ref before the series' first sample, and for a series that fails the scrape. */
const UNBORN = 0;
const FAULTY = -1;
/** A row that is another row's series under a different text. */
const ALIAS = -2;
/** A row that metric_relabel_configs drops. */
const DROPPED = -3;

const FIRST_ROWS = 16;
/** Rows of vanished series that are kept before the table asks to be rebuilt. */
const DEAD_ROWS_KEPT = 10_000;

interface Row {
  readonly handles: Int32Array;
  /** Without those of dropped rows. */
  readonly refs: Uint32Array;
  /** Where their values stand; undefined: in their order. */
  readonly places: Int32Array | undefined;
}

export class SeriesTable implements ReplaySink {
  readonly #config: ScrapeConfig;
  readonly #target: Labels;
  /** Rows, the first of which is nobody's. */
  #rows = 1;
  /** By row: the series' ref, or one of the numbers above. */
  #refs = new Int32Array(FIRST_ROWS);
  readonly #labels: (Labels | undefined)[] = [undefined];
  /** The scrape that last saw the row. */
  #seen = new Uint32Array(FIRST_ROWS);
  /** 1: a staleness marker is due when the row is missing. */
  #live = new Uint8Array(FIRST_ROWS);
  /** 1: the row was in the last good scrape. */
  #known = new Uint8Array(FIRST_ROWS);
  readonly #faults = new Map<SeriesHandle, ScrapeFault>();
  /** Rows by ref, while series are being born. */
  #handleOf: Map<SeriesRef, SeriesHandle> | undefined;
  readonly #aliases = new Map<SeriesHandle, SeriesHandle>();
  readonly #nameCounts = new Map<string, number>();
  readonly #reportNames: ReadonlySet<string>;
  #names: ReadonlySet<string>;
  #namesChanged = false;
  /** Refs that were live under settings before these. */
  #inherited: Map<SeriesRef, string> | undefined;
  #scrape = 0;
  #appender: Appender | undefined;
  #timeMs = 0;
  /** Rows that became live in this scrape; a failure takes that back. */
  #turned: SeriesHandle[] = [];
  #seenCount = 0;
  #knownCount = 0;
  #droppedCount = 0;
  #kept = 0;
  #added = 0;
  #fault: ScrapeFault | undefined;
  /** Samples that were told one by one. */
  #told = 0;
  #readTo: number | undefined;
  #outcomes = new Map<AppendOutcome, number>();
  #accepted = 0;
  readonly #exemplars = new ExemplarCounts();
  /** The lines of a body that has all live series and no others, with their refs: until a series comes or goes. */
  #row: Row | undefined;
  /** The ref and time of the sample that is taken. */
  #ref: SeriesRef = 0;
  #sampleMs = 0;

  constructor(config: ScrapeConfig, target: Labels, inherited?: ReadonlyMap<SeriesRef, string>) {
    this.#config = config;
    this.#reportNames = reportNames(config);
    this.#names = this.#reportNames;
    this.#target = target;
    if (inherited && inherited.size > 0) this.#inherited = new Map(inherited);
  }

  /** Opens a scrape whose samples without a time of their own get `timeMs`. */
  begin(appender: Appender, timeMs: number): void {
    this.#scrape++;
    this.#appender = appender;
    this.#timeMs = timeMs;
    this.#seenCount = 0;
    this.#kept = 0;
    this.#added = 0;
    this.#accepted = 0;
    this.#fault = undefined;
    this.#told = 0;
    this.#readTo = undefined;
    this.#forgetTurned();
    this.#outcomes.clear();
    this.#exemplars.clear();
  }

  resolve(own: Labels): SeriesHandle {
    const mutated = mutate(own, this.#target, this.#config);
    const handle = this.#newRow();
    const faulty = 'fault' in mutated;
    const dropped = !faulty && mutated.labels === undefined;
    if (dropped) this.#droppedCount++;
    this.#refs[handle] = faulty ? FAULTY : dropped ? DROPPED : UNBORN;
    this.#labels.push(faulty ? undefined : mutated.labels);
    if (faulty) this.#faults.set(handle, { message: mutated.fault, limit: mutated.limit });
    return handle;
  }

  #newRow(): SeriesHandle {
    if (this.#rows === this.#refs.length) {
      const rows = Math.ceil(this.#rows * 1.5);
      this.#refs = longer(this.#refs, new Int32Array(rows));
      this.#seen = longer(this.#seen, new Uint32Array(rows));
      this.#live = longer(this.#live, new Uint8Array(rows));
      this.#known = longer(this.#known, new Uint8Array(rows));
    }
    return this.#rows++;
  }

  /** Has the store know the rows that it does not know yet, a series a step: the scrape that brings them is then a short one. */
  *announce(appender: Appender): Generator<void, void, void> {
    for (let handle = 1; handle < this.#rows; handle++) {
      if (this.#refs[handle] !== UNBORN) continue;
      const ref = appender.series(this.#labels[handle]!);
      if (ref === NO_SERIES) return;
      if (!this.#becomeAlias(handle, ref)) this.#refs[handle] = ref;
      yield;
    }
  }

  sample(handle: SeriesHandle, ownTimeMs: number | undefined, value: number): void {
    this.#row = undefined;
    if (this.#admits(handle, ownTimeMs)) this.#took(this.#appender!.append(this.#ref, this.#sampleMs, value));
  }

  row(handles: Int32Array, values: Float64Array): void {
    const row = this.#row;
    if (row?.handles === handles && this.#appendRow(row, values)) return;
    for (let i = 0; i < handles.length; i++) this.sample(handles[i]!, undefined, values[i]!);
    this.#row = this.#rowOf(handles);
  }

  #appendRow({ refs, places }: Row, values: Float64Array): boolean {
    const { length } = refs;
    const limit = this.#config.sampleLimit;
    if (limit > 0 && length > limit) return false;
    const wanted = places ? Float64Array.from(places, (place) => values[place]!) : values;
    if (!this.#appender!.appendRow?.(refs, this.#timeMs, wanted)) return false;
    this.#kept = length;
    this.#accepted = length;
    this.#seenCount = length;
    return true;
  }

  /** Undefined when one of the lines is no series of its own, or a live series is missing. */
  #rowOf(handles: Int32Array): Row | undefined {
    const wanted = Int32Array.from(handles.keys()).filter((i) => this.#refs[handles[i]!] !== DROPPED);
    if (this.#fault || wanted.length !== this.#knownCount) return undefined;
    for (const place of wanted) {
      const handle = handles[place]!;
      if (this.#refs[handle]! <= 0 || !this.#live[handle] || !this.#known[handle]) return undefined;
    }
    this.#handleOf = undefined;
    const refs = Uint32Array.from(wanted, (place) => this.#refs[handles[place]!]!);
    return { handles, refs, places: wanted.length < handles.length ? wanted : undefined };
  }

  histogram(handle: SeriesHandle, ownTimeMs: number | undefined, histogram: NativeHistogram): void {
    this.#row = undefined;
    if (!this.#admits(handle, ownTimeMs)) return;
    const within = limited(histogram, this.#config);
    if (within) this.#took(this.#appender!.appendHistogram(this.#ref, this.#sampleMs, within));
    else this.#fault = { message: 'histogram bucket limit exceeded', limit: 'native_histogram_buckets' };
  }

  exemplar(handle: SeriesHandle, labels: Labels, value: number, ownTimeMs: number | undefined): void {
    const ref = this.#refs[this.#aliases.get(handle) ?? handle]!;
    if (this.#fault || ref <= 0) return;
    // The sample of a repeated line was not taken; another series' stands here then.
    const timeMs = ownTimeMs ?? (ref === this.#ref ? this.#sampleMs : this.#timeMs);
    this.#exemplars.add(ref, this.#appender!.appendExemplar(ref, { labels, value, timeMs }));
  }

  #took(outcome: AppendOutcome): void {
    if (outcome === 'ok') this.#accepted++;
    else this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
  }

  /** Whether a sample is to be appended; leaves its ref and time. */
  #admits(handle: SeriesHandle, ownTimeMs: number | undefined): boolean {
    this.#ref = 0;
    let ref = this.#refs[handle]!;
    if (this.#readTo !== undefined) return false;
    this.#told++;
    if (ref === DROPPED) return false;
    if (ref === FAULTY) {
      this.#fault ??= this.#faults.get(handle);
      this.#readTo = this.#told;
      return false;
    }
    if (ref === ALIAS) {
      this.#told--;
      return this.#admits(this.#aliases.get(handle)!, ownTimeMs);
    }
    this.#kept++;
    if (this.#fault) return false;
    const limit = this.#config.sampleLimit;
    if (limit > 0 && this.#kept > limit) {
      this.#fault = { message: 'sample limit exceeded', limit: 'sample' };
      return false;
    }
    if (ref === UNBORN) {
      ref = this.#appender!.series(this.#labels[handle]!);
      if (ref === NO_SERIES) {
        this.#took('too_many_series');
        return false;
      }
      if (this.#becomeAlias(handle, ref)) {
        this.#kept--;
        this.#told--;
        return this.#admits(handle, ownTimeMs);
      }
      this.#refs[handle] = ref;
    }
    this.#ref = ref;
    this.#sampleMs = this.#timeMs;
    let tracked = true;
    if (ownTimeMs !== undefined && this.#config.honorTimestamps) {
      this.#sampleMs = ownTimeMs;
      tracked = this.#config.trackTimestampsStaleness;
    }
    if (this.#seen[handle] !== this.#scrape) this.#touch(handle);
    if (tracked && !this.#live[handle]) {
      this.#live[handle] = 1;
      this.#turned.push(handle);
    }
    return true;
  }

  /** Whether another row has the ref already; then this one only points to it. */
  #becomeAlias(handle: SeriesHandle, ref: SeriesRef): boolean {
    this.#handleOf ??= this.#handlesOfRefs();
    const first = this.#handleOf.get(ref);
    if (first === undefined) {
      this.#handleOf.set(ref, handle);
      return false;
    }
    this.#refs[handle] = ALIAS;
    this.#labels[handle] = undefined;
    this.#aliases.set(handle, first);
    return true;
  }

  #handlesOfRefs(): Map<SeriesRef, SeriesHandle> {
    const handles = new Map<SeriesRef, SeriesHandle>();
    for (let handle = 1; handle < this.#rows; handle++) {
      const ref = this.#refs[handle]!;
      if (ref > 0) handles.set(ref, handle);
    }
    return handles;
  }

  #touch(handle: SeriesHandle): void {
    this.#seen[handle] = this.#scrape;
    this.#seenCount++;
    if (this.#known[handle]) return;
    this.#known[handle] = 1;
    this.#knownCount++;
    this.#added++;
    this.#count(this.#labels[handle]!.metricName, 1);
  }

  /** False: there are rows that fail each scrape in which they come. */
  get isSound(): boolean {
    return this.#faults.size === 0;
  }

  /** What fails the scrape, if anything does. */
  get fault(): ScrapeFault | undefined {
    return this.#fault;
  }

  /** Samples up to the series that fails the scrape, that one included, behind which Prometheus does not read; undefined without one. */
  get readTo(): number | undefined {
    return this.#readTo;
  }

  /** Samples left after relabelling. */
  get kept(): number {
    return this.#kept;
  }

  /** Series that the last good scrape did not have. */
  get added(): number {
    return this.#added;
  }

  /** Samples of new series that there is no room for. */
  get refused(): number {
    return this.#outcomes.get('too_many_series') ?? 0;
  }

  /** Samples by what the store said. */
  outcomes(): Iterable<readonly [AppendOutcome, number]> {
    return [['ok', this.#accepted] as const, ...this.#outcomes];
  }

  /** Exemplars by what the store said. */
  exemplarOutcomes(): Iterable<readonly [ExemplarOutcome, number]> {
    return this.#exemplars.totals();
  }

  /** Marks what this good scrape did not have. Gives the names of all samples of the scrape, markers included. */
  finish(): ReadonlySet<string> {
    this.#forgetTurned();
    const inherited = this.#markInherited();
    const names = this.#markVanished();
    // Kept until the next scrape it would grow old with all that it holds.
    this.#appender = undefined;
    return union(names, inherited);
  }

  #markVanished(): ReadonlySet<string> {
    if (this.#seenCount === this.#knownCount) return this.#currentNames();
    const before = this.#currentNames();
    for (let handle = 1; handle < this.#rows; handle++) {
      if (!this.#known[handle] || this.#seen[handle] === this.#scrape) continue;
      this.#mark(handle);
      this.#known[handle] = 0;
      this.#knownCount--;
      this.#count(this.#labels[handle]!.metricName, -1);
    }
    return before;
  }

  #forgetTurned(): void {
    if (this.#turned.length > 0) this.#turned = [];
  }

  /** Marks every live series: the scrape failed, or the target is gone. Gives their names and the report's. */
  markAll(appender: Appender, timeMs: number): ReadonlySet<string> {
    this.#appender = appender;
    this.#timeMs = timeMs;
    this.#row = undefined;
    for (const handle of this.#turned) this.#live[handle] = 0;
    this.#forgetTurned();
    const marked = new Set<string>(this.#markInherited(true));
    for (let handle = 1; handle < this.#rows; handle++) {
      if (this.#mark(handle)) marked.add(this.#labels[handle]!.metricName);
    }
    this.#appender = undefined;
    return union(this.#reportNames, marked);
  }

  /** The series that are live, with their metric names, for the table that follows this one. */
  liveRefs(): ReadonlyMap<SeriesRef, string> {
    const live = new Map<SeriesRef, string>(this.#inherited ?? []);
    for (let handle = 1; handle < this.#rows; handle++) {
      if (this.#live[handle]) live.set(this.#refs[handle]!, this.#labels[handle]!.metricName);
    }
    return live;
  }

  /** Whether so many series have gone that a new table with a fresh parser is cheaper. */
  get isWorn(): boolean {
    const dead = this.#rows - 1 - this.#knownCount - this.#droppedCount;
    return dead > DEAD_ROWS_KEPT && dead > 2 * this.#knownCount;
  }

  #mark(handle: SeriesHandle): boolean {
    if (!this.#live[handle]) return false;
    this.#live[handle] = 0;
    const ref = this.#refs[handle]!;
    if (ref > 0) this.#appender!.append(ref, this.#timeMs, STALE);
    return ref > 0;
  }

  /** Marks inherited series that are not live here; on `all`, every one. */
  #markInherited(all = false): ReadonlySet<string> {
    const names = new Set<string>();
    if (!this.#inherited) return names;
    const here = new Set<SeriesRef>();
    if (!all) {
      for (let handle = 1; handle < this.#rows; handle++)
        if (this.#live[handle]) here.add(this.#refs[handle]!);
    }
    for (const [ref, name] of this.#inherited) {
      if (here.has(ref)) continue;
      this.#appender!.append(ref, this.#timeMs, STALE);
      names.add(name);
    }
    this.#inherited = undefined;
    return names;
  }

  #count(name: string, by: number): void {
    const count = (this.#nameCounts.get(name) ?? 0) + by;
    if (count === 0) this.#nameCounts.delete(name);
    else this.#nameCounts.set(name, count);
    if (count === 0 || (by > 0 && count === by)) this.#namesChanged = true;
  }

  #currentNames(): ReadonlySet<string> {
    if (this.#namesChanged) {
      this.#names = new Set([...this.#nameCounts.keys(), ...this.#reportNames]);
      this.#namesChanged = false;
    }
    return this.#names;
  }
}

/** The series that a scrape writes about itself. */
const REPORT_NAMES: ReadonlySet<string> = new Set([
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
]);
const EXTRA_REPORT_NAMES: ReadonlySet<string> = new Set([
  ...REPORT_NAMES,
  'scrape_timeout_seconds',
  'scrape_sample_limit',
  'scrape_body_size_bytes',
]);

/** The names of a scrape's report; with `extra_scrape_metrics` there are more. */
export function reportNames(config: ScrapeConfig): ReadonlySet<string> {
  return config.extraScrapeMetrics ? EXTRA_REPORT_NAMES : REPORT_NAMES;
}

function longer<T extends Int32Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function union(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return b.size === 0 ? a : new Set([...a, ...b]);
}
