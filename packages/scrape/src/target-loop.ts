/**
 * One target's life where the store is: what its scrapes bring is stored, settings change between two scrapes, and its series
 * are ended with it. Source: Prometheus scrape/scrape.go scrapeLoop.
 */
import type { ScrapeConfig } from '@watchroom/config';
import { acceptHeader } from '@watchroom/exposition';
import type {
  Appendable,
  Appender,
  Clock,
  FeedListener,
  MetricMetadata,
  SeriesRef,
  Timer,
} from '@watchroom/model';
import { inTurns } from '@watchroom/model/turns';
import { acceptEncoding } from './accept-encoding.ts';
import type { FetchConnections, Fetcher } from './fetching/fetcher.ts';
import type { FetchReport, FetchSettings, Reading, ScrapeFault } from './fetching/protocol.ts';
import { Replay } from './fetching/replay.ts';
import { shownUrl } from './http-error.ts';
import type { ScrapeLog, ScrapeObserver } from './observer.ts';
import { RefusedSamples } from './refused-samples.ts';
import { ReportSeries } from './report.ts';
import { reportNames, SeriesTable } from './series-table.ts';
import { type Target, turnOf } from './target.ts';

/** What all loops of a server share. */
export interface LoopContext {
  readonly clock: Clock;
  readonly fetcher: Fetcher;
  readonly appendable: Appendable;
  readonly observer: ScrapeObserver;
  readonly log: ScrapeLog;
  readonly onFeed: FeedListener;
  readonly onScraped: () => void;
  readonly version: string;
  /** Places targets within their interval. */
  readonly seed: string;
}

/** What a loop scrapes with. Replaced as a whole when something in it changes. */
export interface LoopSettings {
  readonly pool: string;
  readonly config: ScrapeConfig;
  readonly connections: FetchConnections;
  readonly target: Target;
  /** Equal for settings that treat series alike. */
  readonly seriesPrint: string;
  /** Equal for settings that are equal, discovery apart. */
  readonly settingsPrint: string;
  /** Set when every scrape must fail, say by target_limit. */
  readonly forcedError: string | undefined;
}

export type Health = 'up' | 'down' | 'unknown';

export interface LoopState {
  health: Health;
  lastError: string;
  /** The sample time of the last scrape. */
  lastScrapeMs: number | undefined;
  lastScrapeDurationMs: number;
  /** When the last good body had arrived. */
  lastOkMs: number | undefined;
  sampleCount: number;
}

/** Settings that were sent and by which no scrape has ended yet. */
interface Pending {
  readonly generation: number;
  readonly parserId: number;
  readonly settings: LoopSettings;
}

/** More new ones in a scrape are made known to the store in turns. */
const MANY_SERIES = 2_000;

export class TargetLoop {
  readonly state: LoopState = {
    health: 'unknown',
    lastError: '',
    lastScrapeMs: undefined,
    lastScrapeDurationMs: 0,
    lastOkMs: undefined,
    sampleCount: 0,
  };
  readonly #context: LoopContext;
  readonly #id: number;
  /** What the scrape went by that ended last. */
  #settings: LoopSettings;
  #parserId = 1;
  readonly #pending: Pending[] = [];
  #lastGeneration = 0;
  #lastParserId = 1;
  #table: SeriesTable;
  #replay: Replay;
  #report: ReportSeries;
  readonly #refusals: RefusedSamples;
  /** What the newest body said, and the newest of a good scrape. */
  #read: ReadonlyMap<string, MetricMetadata> = new Map();
  #metadata: ReadonlyMap<string, MetricMetadata> = new Map();
  /** Monotonic time at which the next scrape is due. */
  #nextMs: number;
  /** Reports that are not stored yet; the first is being stored. */
  readonly #waiting: FetchReport[] = [];
  /** Until the series are ended. */
  #timer: Timer | undefined;
  #ended = false;

  constructor(context: LoopContext, settings: LoopSettings) {
    this.#context = context;
    this.#refusals = new RefusedSamples(context.clock, context.log);
    this.#settings = settings;
    this.#table = new SeriesTable(settings.config, settings.target.labels);
    this.#replay = new Replay(this.#table);
    this.#report = new ReportSeries(settings.config, settings.target.labels);
    this.#nextMs = context.clock.monotonic();
    this.#id = context.fetcher.register({
      report: (report) => this.#take(report),
      lost: () => this.#renew(),
    });
    this.#send(settings);
  }

  get settings(): LoopSettings {
    return this.#pending.at(-1)?.settings ?? this.#settings;
  }

  get metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#metadata;
  }

  /** Changes the settings before the next scrape; one that is under way ends under the old ones. */
  update(settings: LoopSettings): void {
    if (settings.seriesPrint !== this.settings.seriesPrint) this.#lastParserId++;
    this.#send(settings);
  }

  /** Ends the loop; its series end when the next scrapes would have come, unless `silently` (the server stops). */
  stop(silently: boolean): void {
    this.#ended = true;
    const { clock, fetcher } = this.#context;
    fetcher.stop(this.#id);
    if (silently || this.state.lastScrapeMs === undefined) return;
    const { intervalMs } = this.#settings.target;
    const aheadMs = this.#nextMs - clock.monotonic();
    const untilNextMs = aheadMs > 0 ? aheadMs : Math.max(0, aheadMs + intervalMs);
    this.#timer = clock.after(untilNextMs, () => {
      const staleMs = Math.round(clock.now());
      // A target that comes back within the next interval has newer samples; its markers are then refused as too old.
      this.#timer = clock.after(intervalMs * 1.1, () => this.#endSeries(staleMs));
    });
  }

  /** Forgets pending staleness markers. */
  cancelEnd(): void {
    this.#timer?.cancel();
  }

  #endSeries(timeMs: number): void {
    try {
      const appender = this.#context.appendable.appender();
      const names = this.#table.markAll(appender, timeMs);
      this.#report.appendStale(appender, timeMs);
      appender.commit();
      this.#feed(names, timeMs, timeMs);
    } catch (error) {
      this.#context.log.warn('the series of a removed target could not be ended', { error: String(error) });
    }
  }

  #send(settings: LoopSettings): void {
    const generation = ++this.#lastGeneration;
    const parserId = this.#lastParserId;
    this.#pending.push({ generation, parserId, settings });
    this.#context.fetcher.scrape(this.#id, generation, fetchSettings(settings, parserId, this.#context));
  }

  /** With a parser and a table that know nothing. */
  #renew(): void {
    this.#lastParserId++;
    this.#send(this.settings);
  }

  /** Goes over to the settings by which a scrape has ended. */
  #follow(generation: number): void {
    while (this.#pending.length > 0 && this.#pending[0]!.generation <= generation) {
      const { settings, parserId } = this.#pending.shift()!;
      this.#settings = settings;
      if (parserId !== this.#parserId) this.#rebuild();
      this.#parserId = parserId;
    }
  }

  /** A new table; what was live and does not come again is marked by the next scrape. */
  #rebuild(): void {
    const live: ReadonlyMap<SeriesRef, string> = this.#table.liveRefs();
    const { config, target } = this.#settings;
    this.#table = new SeriesTable(config, target.labels, live);
    this.#replay = new Replay(this.#table);
    this.#report = new ReportSeries(config, target.labels);
  }

  /** Reports come one behind the other, also where one takes long. */
  #take(report: FetchReport): void {
    if (this.#ended) return;
    const { clock } = this.#context;
    this.#nextMs = clock.monotonic() + report.nextInMs;
    this.#waiting.push(report);
    if (this.#waiting.length === 1) this.#takeNext();
  }

  #takeNext(): void {
    const [report] = this.#waiting;
    if (!report) return;
    const done = (): void => {
      this.#waiting.shift();
      this.#takeNext();
    };
    inTurns(this.#steps(report), {
      clock: this.#context.clock,
      atOnce: (report.reading?.born.count ?? 0) <= MANY_SERIES,
      isWanted: () => !this.#ended,
      done,
      // Those behind it must not wait for ever.
      failed: (error) => {
        this.#lose(report, error);
        done();
      },
    });
  }

  #lose(report: FetchReport, error: unknown): void {
    this.#storeNothing(report, error);
    this.#context.log.warn('the scrape could not be stored', {
      job: this.#settings.pool,
      error: String(error),
    });
  }

  *#steps(report: FetchReport): Generator<void, void, void> {
    const { observer, appendable } = this.#context;
    this.#follow(report.generation);
    const { pool, config } = this.#settings;
    const { reading } = report;
    if (reading) {
      yield* this.#replay.learn(reading);
      const isSound = reading.fatal === undefined && this.#table.isSound;
      const isAdmitted = config.sampleLimit === 0 || reading.samples <= config.sampleLimit;
      if (reading.born.count > MANY_SERIES && isSound && isAdmitted)
        yield* this.#table.announce(appendable.appender());
    }
    try {
      this.#store(report);
    } catch (error) {
      this.#lose(report, error);
    }
    if (report.missed > 0) observer.skipped(pool, report.missed);
    observer.scraped({
      pool,
      up: this.state.health === 'up',
      durationMs: this.state.lastScrapeDurationMs,
      bytes: report.bodyBytes,
      samples: this.state.sampleCount,
      lateMs: report.lateMs,
    });
    this.#context.onScraped();
    if (this.#table.isWorn && this.#pending.length === 0) this.#renew();
  }

  /** That the target is down, with the ends of its series unless they are what cannot be stored; then all begins anew. */
  #storeNothing(report: FetchReport, error: unknown): void {
    const { config, target } = this.#settings;
    const why = error instanceof Error ? error.message : String(error);
    const fault = { message: `the scrape could not be stored: ${why}`, limit: undefined };
    this.#remember(report, fault);
    if (this.#pending.length === 0) this.#renew();
    if (this.#storeDown(report, (appender) => this.#table.markAll(appender, report.sampleTimeMs))) return;
    this.#report = new ReportSeries(config, target.labels);
    this.#storeDown(report, () => reportNames(config));
  }

  /** False when that cannot be stored either. `end` ends series, and gives the names of what is stored. */
  #storeDown(report: FetchReport, end: (appender: Appender) => ReadonlySet<string>): boolean {
    const { sampleTimeMs, durationMs, endedAtMs } = report;
    try {
      const appender = this.#context.appendable.appender();
      const names = end(appender);
      this.#report.append(appender, sampleTimeMs, {
        up: false,
        durationSeconds: durationMs / 1000,
        samples: 0,
        kept: 0,
        added: 0,
        bodyBytes: 0,
        timeoutSeconds: this.#settings.target.timeoutMs / 1000,
      });
      appender.commit();
      this.#feed(names, sampleTimeMs, endedAtMs);
      return true;
    } catch {
      // Why the scrape was not stored has been told.
      return false;
    }
  }

  #store(report: FetchReport): void {
    const { appendable } = this.#context;
    const { target } = this.#settings;
    const { reading, sampleTimeMs } = report;
    let appender = appendable.appender();
    let { fault } = report;
    let names: ReadonlySet<string> | undefined;
    this.#table.begin(appender, sampleTimeMs);
    if (reading) {
      this.#replay.tell(reading);
      fault = reading.fatal === undefined ? this.#table.fault : { message: reading.fatal, limit: undefined };
      if (!fault) names = this.#table.finish();
    }
    if (!names) {
      appender.rollback();
      appender = appendable.appender();
      names = this.#table.markAll(appender, sampleTimeMs);
    }
    this.#report.append(appender, sampleTimeMs, {
      up: fault === undefined,
      durationSeconds: report.durationMs / 1000,
      samples: this.#samplesOf(reading),
      // Repeated lines never reach the table; Prometheus counts them as kept.
      kept: this.#table.kept + (this.#table.readTo === undefined ? (reading?.duplicates ?? 0) : 0),
      added: this.#table.added,
      bodyBytes: reading ? report.bodyBytes : fault?.limit === 'body_size' ? -1 : 0,
      timeoutSeconds: target.timeoutMs / 1000,
    });
    appender.commit();
    this.#remember(report, fault);
    this.#feed(names, sampleTimeMs, report.endedAtMs);
  }

  #remember(report: FetchReport, fault: ScrapeFault | undefined): void {
    const { observer } = this.#context;
    const { pool } = this.#settings;
    const { reading } = report;
    this.state.lastScrapeMs = report.sampleTimeMs;
    this.state.lastScrapeDurationMs = report.durationMs;
    this.state.health = fault ? 'down' : 'up';
    this.state.lastError = fault?.message ?? '';
    this.state.sampleCount = this.#samplesOf(reading);
    if (reading && reading.errorCount > 0) observer.parseErrors(pool, reading.errorCount);
    if (fault?.limit) observer.limitHit(pool, fault.limit);
    if (reading?.metadata) this.#read = reading.metadata;
    if (fault) return;
    const { refused } = this.#table;
    this.state.lastError = this.#refusals.note(this.#table.outcomes(), {
      job: pool,
      target: shownUrl(this.#settings.target.url),
    });
    if (refused > 0)
      this.state.lastError = `${refused} new series are not stored: the store has as many as it may have ("watchroom: storage: max_series")`;
    this.state.lastOkMs = report.endedAtMs;
    if (reading) this.#count(reading);
  }

  /** Those that Prometheus counts. */
  #samplesOf(reading: Reading | undefined): number {
    return reading ? (this.#table.readTo ?? reading.samples) : 0;
  }

  #count(reading: Reading): void {
    const { observer } = this.#context;
    const { pool } = this.#settings;
    this.#metadata = this.#read;
    for (const [what, count] of this.#table.outcomes()) if (count > 0) observer.appended(pool, what, count);
    for (const [what, count] of this.#table.exemplarOutcomes()) observer.exemplars(pool, what, count);
    if (reading.duplicates > 0) observer.appended(pool, 'duplicate', reading.duplicates);
    const dropped = reading.samples - reading.duplicates - this.#table.kept;
    if (dropped > 0) observer.relabelDropped(pool, dropped);
  }

  #feed(metricNames: ReadonlySet<string>, sampleTimeMs: number, endedAtMs: number): void {
    const { labels } = this.#settings.target;
    this.#context.onFeed({ metricNames, labels, sampleTimeMs, endedAtMs, source: 'scrape' });
  }
}

function fetchSettings(
  { config, target, connections, forcedError }: LoopSettings,
  parserId: number,
  { version, seed }: LoopContext,
): FetchSettings {
  return {
    client: connections.id,
    url: target.url.href,
    headers: {
      accept: acceptHeader(config.scrapeProtocols, config.nameEscaping),
      'accept-encoding': acceptEncoding(config, target.url),
      'user-agent': `watchroom/${version}`,
      'x-prometheus-scrape-timeout-seconds': String(target.timeoutMs / 1000),
    },
    intervalMs: target.intervalMs,
    turnMs: turnOf(target.key, seed, target.intervalMs),
    timeoutMs: target.timeoutMs,
    bodyLimitBytes: config.bodySizeLimitBytes,
    forcedError,
    parserId,
    parser: {
      fallbackProtocol: config.fallbackScrapeProtocol,
      nativeHistograms: config.scrapeNativeHistograms,
      classicHistograms: config.alwaysScrapeClassicHistograms,
      classicToCustomBuckets: config.convertClassicHistogramsToNhcb,
    },
  };
}
