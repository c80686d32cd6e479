/**
 * Scraping as a whole: a pool for each job, fed by its discoveries, brought in line with each new configuration without a
 * lost scrape: new discoveries give their first answer before anything that runs is touched.
 */
import type { ScrapeConfig, TargetGroup, WatchroomConfig } from '@watchroom/config';
import type { Appendable, Clock, FeedListener, MetricMetadata } from '@watchroom/model';
import { traceRelabel } from '@watchroom/relabel';
import type { Discoverer } from './discovery.ts';
import { Fetcher } from './fetching/fetcher.ts';
import { localLink, type OpenLink } from './fetching/link.ts';
import { type DiscoveryEvents, FileDiscovery } from './file-discovery.ts';
import { fingerprint } from './fingerprint.ts';
import { HttpDiscovery } from './http-discovery.ts';
import { shownUrl } from './http-error.ts';
import {
  type DiscoveryKind,
  type ScrapeLog,
  type ScrapeObserver,
  silentLog,
  silentObserver,
} from './observer.ts';
import { ScrapePool } from './scrape-pool.ts';
import type { DiscoveryStatus, DroppedTarget, TargetMetadata, TargetStatus, TargetTrace } from './status.ts';
import type { LoopContext } from './target-loop.ts';

export interface ScrapeManagerOptions {
  readonly clock: Clock;
  readonly appendable: Appendable;
  /** Told after each commit. */
  readonly onFeed?: FeedListener | undefined;
  readonly observer?: ScrapeObserver | undefined;
  readonly log?: ScrapeLog | undefined;
  /** Ours, for the User-Agent. */
  readonly version: string;
  /** Places targets within their interval; the same for one server over its restarts. */
  readonly seed?: string | undefined;
  /** The proxy variables for `proxy_from_environment`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Where targets are fetched: on this thread when it is not said. */
  readonly link?: OpenLink | undefined;
  /** Scrapes are made from the first configuration on and wait, within a bound, until `begin`. */
  readonly waits?: boolean | undefined;
  /** Whether the target with this URL answers from `begin` on only, as this server itself: it is not asked before. */
  readonly answersLater?: ((url: string) => boolean) | undefined;
}

interface Source {
  readonly discoverer: Discoverer;
  readonly kind: DiscoveryKind;
  readonly name: string;
}

interface Job {
  readonly pool: ScrapePool;
  sources: Map<string, Source>;
  staticGroups: readonly TargetGroup[];
}

/** How long a new configuration waits for the first answers of new HTTP discoveries. */
const FIRST_ANSWER_MS = 5000;

export class ScrapeManager {
  readonly #context: LoopContext;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #jobs = new Map<string, Job>();
  /** Pools of jobs that are gone, until their staleness markers are written. */
  readonly #retired = new Set<ScrapePool>();
  readonly #listeners = new Set<() => void>();
  #configs: readonly ScrapeConfig[] | undefined;
  #applying: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: ScrapeManagerOptions) {
    this.#env = options.env ?? {};
    const { clock, observer = silentObserver, log = silentLog } = options;
    const onRestart = (reason: string): void => {
      observer.fetchingRestarted();
      log.warn('the part that fetches targets ended and was started again', { reason });
    };
    const fetcher = new Fetcher(options.link ?? localLink(clock, this.#env), onRestart, options.answersLater);
    if (!options.waits) fetcher.begin();
    this.#context = {
      clock,
      fetcher,
      appendable: options.appendable,
      observer,
      log,
      onFeed: options.onFeed ?? (() => {}),
      onScraped: () => this.#changed(),
      version: options.version,
      seed: options.seed ?? '',
    };
  }

  /** Stores what was scraped so far, and from now on each scrape when it ends. */
  begin(): void {
    this.#context.fetcher.begin();
  }

  /** Brings what runs in line with a configuration; settles when it is. Calls are carried out one after the other. */
  apply({ scrapeConfigs }: WatchroomConfig): Promise<void> {
    // The server applies what it started with once more, when everything else is there.
    if (scrapeConfigs === this.#configs) return this.#applying;
    this.#configs = scrapeConfigs;
    const done = this.#applying.then(() => this.#apply(scrapeConfigs));
    this.#applying = done.catch(() => {});
    return done;
  }

  /** Targets by pool in the order of the configuration. */
  targets(): readonly TargetStatus[] {
    return [...this.#jobs.values()].flatMap(({ pool }) =>
      pool.loops.map(({ settings, state }) => ({
        id: settings.target.key,
        pool: settings.pool,
        labels: settings.target.labels,
        discoveredLabels: settings.target.discovered,
        url: shownUrl(settings.target.url),
        intervalMs: settings.target.intervalMs,
        timeoutMs: settings.target.timeoutMs,
        ...state,
      })),
    );
  }

  /** Discovered addresses that are not scraped, as far as they are remembered. */
  dropped(): readonly DroppedTarget[] {
    return [...this.#jobs].flatMap(([name, { pool }]) =>
      pool.dropped.map(({ discovered, fault }) => ({ pool: name, discoveredLabels: discovered, fault })),
    );
  }

  /** How many discovered addresses are not scraped, by pool. */
  droppedCounts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#jobs].map(([name, { pool }]) => [name, pool.droppedCount]));
  }

  /** The state of each file and HTTP discovery. */
  discoveries(): readonly DiscoveryStatus[] {
    return [...this.#jobs].flatMap(([pool, { sources }]) =>
      [...sources.values()].map(({ discoverer, kind, name }) => ({
        pool,
        kind,
        source: name,
        groups: discoverer.groups.length,
        lastError: discoverer.lastError,
      })),
    );
  }

  /** How a target's labels came about; undefined when there is no such target. */
  trace(pool: string, id: string): TargetTrace | undefined {
    const job = this.#jobs.get(pool);
    const target = job?.pool.loops.find((loop) => loop.settings.target.key === id)?.settings.target;
    if (!job || !target) return undefined;
    const steps = traceRelabel(target.discovered, job.pool.config.relabelConfigs);
    return { discoveredLabels: target.discovered, steps, labels: target.labels };
  }

  /** What each target says about its metrics. */
  metadata(): readonly TargetMetadata[] {
    return [...this.#jobs.values()].flatMap(({ pool }) =>
      pool.loops.map(({ settings, metadata }) => ({
        id: settings.target.key,
        pool: settings.pool,
        labels: settings.target.labels,
        metrics: metadata,
      })),
    );
  }

  /** By metric family, each different statement once. */
  mergedMetadata(): ReadonlyMap<string, readonly MetricMetadata[]> {
    const merged = new Map<string, MetricMetadata[]>();
    const seen = new Set<ReadonlyMap<string, MetricMetadata>>();
    for (const { metrics } of this.metadata()) {
      if (seen.has(metrics)) continue;
      seen.add(metrics);
      for (const [family, said] of metrics) {
        const known = merged.get(family);
        if (!known) merged.set(family, [said]);
        else if (!known.some((other) => sameMetadata(other, said))) known.push(said);
      }
    }
    return merged;
  }

  /** Calls `listener` after each scrape and each change of targets; gives what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Stops everything. Series are not ended: a server that restarts goes on with them. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#applying;
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const { sources } of jobs) for (const { discoverer } of sources.values()) discoverer.close();
    const pools = [...jobs.map(({ pool }) => pool), ...this.#retired];
    for (const pool of pools) pool.close(true);
    await this.#context.fetcher.close();
  }

  async #apply(configs: readonly ScrapeConfig[]): Promise<void> {
    if (this.#closed) return;
    const planned = configs.map((config) => ({ config, ...this.#plan(config) }));
    const starts = planned.flatMap(({ fresh }) => fresh.map(({ discoverer }) => discoverer.start()));
    if (starts.length > 0) await this.#atMost(Promise.all(starts), FIRST_ANSWER_MS);
    if (this.#closed) {
      for (const { fresh } of planned) for (const { discoverer } of fresh) discoverer.close();
      return;
    }
    const names = new Set(configs.map((config) => config.jobName));
    for (const [name, job] of this.#jobs) {
      if (names.has(name)) continue;
      this.#jobs.delete(name);
      for (const { discoverer } of job.sources.values()) discoverer.close();
      this.#retire(job.pool);
    }
    for (const { config, sources } of planned) this.#install(config, sources);
    this.#changed();
  }

  /** The discoveries a job needs: those that run already, and those that are new. */
  #plan(config: ScrapeConfig): { sources: Map<string, Source>; fresh: Source[] } {
    const running = this.#jobs.get(config.jobName)?.sources;
    const sources = new Map<string, Source>();
    const fresh: Source[] = [];
    const take = (kind: DiscoveryKind, settings: object, name: string, build: () => Discoverer): void => {
      const key = `${kind}:${fingerprint(settings)}`;
      const known = running?.get(key);
      const source = known ?? { discoverer: build(), kind, name };
      if (!known && !sources.has(key)) fresh.push(source);
      sources.set(key, source);
    };
    const { clock, version } = this.#context;
    for (const sd of config.fileSdConfigs) {
      const events = this.#events(config.jobName, 'file');
      take('file', sd, sd.files.join(', '), () => new FileDiscovery(sd, clock, events));
    }
    for (const sd of config.httpSdConfigs) {
      const events = this.#events(config.jobName, 'http');
      const options = { version, env: this.#env };
      take('http', sd, shownUrl(sd.url), () => new HttpDiscovery(sd, clock, events, options));
    }
    return { sources, fresh };
  }

  #events(pool: string, kind: DiscoveryKind): DiscoveryEvents {
    const { observer, log } = this.#context;
    let logged = '';
    return {
      changed: () => {
        const job = this.#jobs.get(pool);
        if (!job || this.#closed) return;
        job.pool.sync(groupsOf(job));
        this.#changed();
      },
      refreshed: () => {
        observer.discoveryRefreshed(pool, kind);
        if (logged !== '') log.info('discovery works again', { job: pool, kind });
        logged = '';
      },
      failed: (message) => {
        observer.discoveryFailed(pool, kind);
        if (message === logged) return;
        logged = message;
        log.warn('discovery failed; the targets it gave before stay', { job: pool, kind, error: message });
      },
    };
  }

  #install(config: ScrapeConfig, sources: Map<string, Source>): void {
    const before = this.#jobs.get(config.jobName);
    const pool = before?.pool ?? new ScrapePool(config, this.#context);
    for (const [key, { discoverer }] of before?.sources ?? []) if (!sources.has(key)) discoverer.close();
    const job: Job = { pool, sources, staticGroups: config.staticConfigs };
    // Deleted first, so that jobs stand in the order of the configuration.
    this.#jobs.delete(config.jobName);
    this.#jobs.set(config.jobName, job);
    if (before) pool.reload(config, groupsOf(job));
    else pool.sync(groupsOf(job));
  }

  #retire(pool: ScrapePool): void {
    const slowestMs = Math.max(0, ...pool.loops.map(({ settings }) => settings.target.intervalMs));
    pool.sync([]);
    this.#retired.add(pool);
    this.#context.clock.after(3 * slowestMs, () => {
      if (this.#retired.delete(pool)) pool.close(true);
    });
  }

  async #atMost(work: Promise<unknown>, limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#context.clock.after(limitMs, resolve);
      const done = (): void => {
        timer.cancel();
        resolve();
      };
      work.then(done, done);
    });
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function groupsOf(job: Job): readonly TargetGroup[] {
  return [...job.staticGroups, ...[...job.sources.values()].flatMap(({ discoverer }) => discoverer.groups)];
}

function sameMetadata(a: MetricMetadata, b: MetricMetadata): boolean {
  return a.type === b.type && a.help === b.help && a.unit === b.unit;
}
