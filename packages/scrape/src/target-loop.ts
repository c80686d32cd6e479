/**
 * One target's life: scraped at its times, one scrape at a time, settings changed between two scrapes, and staleness
 * markers when it ends. Source: Prometheus scrape/scrape.go scrapeLoop.
 */
import type { ScrapeConfig } from '@watchroom/config';
import { acceptHeader, type ParseResult, ScrapeParser } from '@watchroom/exposition';
import type { Appendable, Clock, FeedListener, MetricMetadata, SeriesRef, Timer } from '@watchroom/model';
import type { FetchResult, HttpClient } from './http-client.ts';
import { describeFailure, FetchError } from './http-error.ts';
import type { LimitKind, ScrapeLog, ScrapeObserver } from './observer.ts';
import { ReportSeries } from './report.ts';
import { Schedule } from './schedule.ts';
import { type ScrapeFault, SeriesTable } from './series-table.ts';
import { offsetMs, type Target } from './target.ts';

/** What all loops of a server share. */
export interface LoopContext {
  readonly clock: Clock;
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
  readonly client: HttpClient;
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

interface Outcome {
  readonly result: FetchResult | undefined;
  readonly endedAtMs: number;
  readonly fault: ScrapeFault | undefined;
}

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
  #settings: LoopSettings;
  #next: LoopSettings | undefined;
  #schedule: Schedule;
  #table: SeriesTable;
  #report: ReportSeries;
  #parser: ScrapeParser;
  #headers: Readonly<Record<string, string>>;
  #metadata: ReadonlyMap<string, MetricMetadata> = new Map();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #ended = false;
  readonly #abort = new AbortController();

  constructor(context: LoopContext, settings: LoopSettings) {
    this.#context = context;
    this.#settings = settings;
    this.#table = new SeriesTable(settings.config, settings.target.labels);
    this.#report = new ReportSeries(settings.config, settings.target.labels);
    this.#parser = parserFor(settings);
    this.#headers = headersFor(settings, context.version);
    this.#schedule = this.#firstSchedule();
    this.#arm();
  }

  get settings(): LoopSettings {
    return this.#next ?? this.#settings;
  }

  get metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#metadata;
  }

  /** Changes the settings now, or when the scrape that is under way has ended. The phase stays unless the interval changes. */
  update(settings: LoopSettings): void {
    this.#next = settings;
    if (!this.#running) this.#switch();
  }

  /** Ends the loop; its series end when the next scrapes would have come, unless `silently` (the server stops). */
  async stop(silently: boolean): Promise<void> {
    this.#ended = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#abort.abort();
    await this.#running;
    if (silently || this.state.lastScrapeMs === undefined) return;
    const { clock } = this.#context;
    const { intervalMs, plannedMs } = this.#schedule;
    const aheadMs = plannedMs - clock.monotonic();
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

  #firstSchedule(): Schedule {
    const { clock, seed } = this.#context;
    const { key, intervalMs } = this.#settings.target;
    return new Schedule(intervalMs, clock.monotonic() + offsetMs(key, seed, intervalMs, clock.now()));
  }

  #arm(): void {
    if (this.#ended) return;
    this.#timer?.cancel();
    const delayMs = this.#schedule.plannedMs - this.#context.clock.monotonic();
    this.#timer = this.#context.clock.after(delayMs, () => {
      this.#running = this.#tick().finally(() => {
        this.#running = undefined;
        if (this.#next) this.#switch();
        else this.#arm();
      });
    });
  }

  #switch(): void {
    const before = this.#settings;
    const next = this.#next!;
    this.#next = undefined;
    this.#settings = next;
    if (next.seriesPrint !== before.seriesPrint) this.#rebuild();
    this.#headers = headersFor(next, this.#context.version);
    if (next.target.intervalMs !== before.target.intervalMs) this.#schedule = this.#firstSchedule();
    this.#arm();
  }

  /** A new table and parser; what was live and does not come again is marked by the next scrape. */
  #rebuild(): void {
    const live: ReadonlyMap<SeriesRef, string> = this.#table.liveRefs();
    const { config, target } = this.#settings;
    this.#table = new SeriesTable(config, target.labels, live);
    this.#report = new ReportSeries(config, target.labels);
    this.#parser = parserFor(this.#settings);
  }

  async #tick(): Promise<void> {
    const { clock, observer } = this.#context;
    const { pool } = this.#settings;
    const startedMs = clock.monotonic();
    const { sampleTimeMs, lateMs } = this.#schedule.start(clock.now(), startedMs);
    const outcome = await this.#fetch();
    // A target that was removed meanwhile writes nothing more.
    if (this.#ended) return;
    try {
      this.#store(sampleTimeMs, startedMs, outcome);
    } catch (error) {
      this.state.health = 'down';
      this.state.lastError = 'the scrape could not be stored';
      this.#context.log.warn(this.state.lastError, { job: pool, error: String(error) });
    }
    const missed = this.#schedule.advance(clock.monotonic());
    if (missed > 0) observer.skipped(pool, missed);
    observer.scraped({
      pool,
      up: this.state.health === 'up',
      durationMs: this.state.lastScrapeDurationMs,
      bytes: outcome.result?.body.length ?? 0,
      samples: this.state.sampleCount,
      lateMs,
    });
    this.#context.onScraped();
    if (this.#table.isWorn) this.#rebuild();
  }

  async #fetch(): Promise<Outcome> {
    const { clock } = this.#context;
    const { target, client, config, forcedError } = this.#settings;
    if (forcedError !== undefined) {
      return { result: undefined, endedAtMs: clock.now(), fault: { message: forcedError, limit: undefined } };
    }
    try {
      const result = await client.get({
        url: target.url,
        headers: this.#headers,
        timeoutMs: target.timeoutMs,
        bodyLimitBytes: config.bodySizeLimitBytes,
        signal: this.#abort.signal,
      });
      return { result, endedAtMs: clock.now(), fault: undefined };
    } catch (error) {
      return { result: undefined, endedAtMs: clock.now(), fault: faultOf(target.url, error) };
    }
  }

  #store(timeMs: number, startedMs: number, outcome: Outcome): void {
    const { clock, appendable } = this.#context;
    const { target } = this.#settings;
    let appender = appendable.appender();
    let { fault } = outcome;
    let names: ReadonlySet<string> | undefined;
    let parsed: ParseResult | undefined;
    this.#table.begin(appender, timeMs);
    if (outcome.result) {
      parsed = this.#parser.parse(outcome.result.body, outcome.result.contentType, this.#table);
      fault = parsed.fatal ? { message: lineMessage(parsed.fatal), limit: undefined } : this.#table.fault;
      if (!fault) names = this.#table.finish();
    }
    if (!names) {
      appender.rollback();
      appender = appendable.appender();
      names = this.#table.markAll(appender, timeMs);
    }
    const durationMs = clock.monotonic() - startedMs;
    this.#report.append(appender, timeMs, {
      up: fault === undefined,
      durationSeconds: durationMs / 1000,
      samples: parsed?.samples ?? 0,
      // Repeated lines never reach the table; Prometheus counts them as kept.
      kept: this.#table.kept + (parsed?.duplicates ?? 0),
      added: this.#table.added,
      bodyBytes: outcome.result?.body.length ?? (fault?.limit === 'body_size' ? -1 : 0),
      timeoutSeconds: target.timeoutMs / 1000,
    });
    appender.commit();
    this.#remember(timeMs, durationMs, outcome.endedAtMs, fault, parsed);
    this.#feed(names, timeMs, outcome.endedAtMs);
  }

  #remember(
    timeMs: number,
    durationMs: number,
    endedAtMs: number,
    fault: ScrapeFault | undefined,
    parsed: ParseResult | undefined,
  ): void {
    const { observer } = this.#context;
    const { pool } = this.#settings;
    this.state.lastScrapeMs = timeMs;
    this.state.lastScrapeDurationMs = durationMs;
    this.state.health = fault ? 'down' : 'up';
    this.state.lastError = fault?.message ?? '';
    this.state.sampleCount = parsed?.samples ?? 0;
    if (parsed && parsed.errorCount > 0) observer.parseErrors(pool, parsed.errorCount);
    if (fault?.limit) observer.limitHit(pool, fault.limit);
    if (fault) return;
    this.state.lastOkMs = endedAtMs;
    if (!parsed) return;
    this.#metadata = parsed.metadata;
    for (const [what, count] of this.#table.outcomes()) if (count > 0) observer.appended(pool, what, count);
    for (const [what, count] of this.#table.exemplarOutcomes()) observer.exemplars(pool, what, count);
    if (parsed.duplicates > 0) observer.appended(pool, 'duplicate', parsed.duplicates);
    const dropped = parsed.samples - parsed.duplicates - this.#table.kept;
    if (dropped > 0) observer.relabelDropped(pool, dropped);
  }

  #feed(metricNames: ReadonlySet<string>, sampleTimeMs: number, endedAtMs: number): void {
    const { labels } = this.#settings.target;
    this.#context.onFeed({ metricNames, labels, sampleTimeMs, endedAtMs, source: 'scrape' });
  }
}

function parserFor({ config }: LoopSettings): ScrapeParser {
  return new ScrapeParser({
    fallbackProtocol: config.fallbackScrapeProtocol,
    nativeHistograms: config.scrapeNativeHistograms,
    classicHistograms: config.alwaysScrapeClassicHistograms,
    classicToCustomBuckets: config.convertClassicHistogramsToNhcb,
  });
}

function headersFor({ config, target }: LoopSettings, version: string): Readonly<Record<string, string>> {
  return {
    accept: acceptHeader(config.scrapeProtocols, config.nameEscaping),
    'accept-encoding': config.enableCompression ? 'gzip' : 'identity',
    'user-agent': `watchroom/${version}`,
    'x-prometheus-scrape-timeout-seconds': String(target.timeoutMs / 1000),
  };
}

function lineMessage(error: { readonly line: number; readonly message: string }): string {
  return error.line > 0 ? `line ${error.line}: ${error.message}` : error.message;
}

function faultOf(url: URL, error: unknown): ScrapeFault {
  const limit: LimitKind | undefined = error instanceof FetchError ? error.limit : undefined;
  const isOwn =
    error instanceof FetchError && (limit !== undefined || error.message.startsWith('server returned'));
  return { message: isOwn ? error.message : describeFailure(url, error), limit };
}
