/**
 * The targets of one job. What is discovered is compared with what runs: a target that is still there keeps its loop, and
 * with it its phase, parser and connection; only what it scrapes with is replaced.
 */
import type { ScrapeConfig, TargetGroup } from '@watchroom/config';
import type { Labels } from '@watchroom/model';
import type { FetchConnections } from './fetching/fetcher.ts';
import { fingerprint } from './fingerprint.ts';
import { resolveGroup, type Target } from './target.ts';
import { type LoopContext, type LoopSettings, TargetLoop } from './target-loop.ts';

export interface Dropped {
  readonly discovered: Labels;
  readonly fault: string;
}

/** How many dropped targets are remembered when keep_dropped_targets does not say. */
const DROPPED_BOUND = 10_000;

export class ScrapePool {
  readonly #context: LoopContext;
  #config: ScrapeConfig;
  #connections: FetchConnections;
  #httpPrint: string;
  #seriesPrint: string;
  #settingsPrint: string;
  readonly #loops = new Map<string, TargetLoop>();
  /** Loops that ended and still have staleness markers to write. */
  readonly #ending = new Set<TargetLoop>();
  #dropped: readonly Dropped[] = [];
  #droppedCount = 0;

  constructor(config: ScrapeConfig, context: LoopContext) {
    this.#config = config;
    this.#context = context;
    this.#connections = this.#context.fetcher.connect(config.http);
    this.#httpPrint = fingerprint(config.http);
    this.#seriesPrint = seriesPrint(config);
    this.#settingsPrint = settingsPrint(config);
  }

  get config(): ScrapeConfig {
    return this.#config;
  }

  get loops(): readonly TargetLoop[] {
    return [...this.#loops.values()];
  }

  get dropped(): readonly Dropped[] {
    return this.#dropped;
  }

  /** All that relabelling dropped, remembered or not. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Takes a new configuration and what is discovered under it, in one step. */
  reload(config: ScrapeConfig, groups: readonly TargetGroup[]): void {
    const http = fingerprint(config.http);
    const before = this.#connections;
    const renewed = http !== this.#httpPrint;
    if (renewed) this.#connections = this.#context.fetcher.connect(config.http);
    this.#config = config;
    this.#httpPrint = http;
    this.#seriesPrint = seriesPrint(config);
    this.#settingsPrint = settingsPrint(config);
    this.sync(groups);
    // A scrape that is under way ends on the old connections.
    if (renewed) this.#context.clock.after(config.scrapeIntervalMs, () => before.close());
  }

  /** Makes the running targets those of `groups`. */
  sync(groups: readonly TargetGroup[]): void {
    const wanted = this.#resolve(groups);
    const { targetLimit, jobName } = this.#config;
    let forcedError: string | undefined;
    if (targetLimit > 0 && wanted.size > targetLimit) {
      forcedError = `target_limit exceeded (number of targets: ${wanted.size}, limit: ${targetLimit})`;
      this.#context.observer.limitHit(jobName, 'target');
    }
    for (const [key, loop] of this.#loops) {
      if (wanted.has(key)) continue;
      this.#loops.delete(key);
      this.#end(loop);
    }
    for (const target of wanted.values()) this.#keep(target, forcedError);
  }

  /** Stops all loops; `silently` when the server stops, so that no series are ended. */
  close(silently: boolean): void {
    const loops = [...this.#loops.values()];
    this.#loops.clear();
    for (const loop of loops) loop.stop(silently);
    if (silently) for (const loop of this.#ending) loop.cancelEnd();
    this.#connections.close();
  }

  #end(loop: TargetLoop): void {
    this.#ending.add(loop);
    loop.stop(false);
    const gone = 3 * loop.settings.target.intervalMs;
    this.#context.clock.after(gone, () => this.#ending.delete(loop));
  }

  #keep(target: Target, forcedError: string | undefined): void {
    const settings: LoopSettings = {
      pool: this.#config.jobName,
      config: this.#config,
      connections: this.#connections,
      target,
      seriesPrint: this.#seriesPrint,
      settingsPrint: this.#settingsPrint,
      forcedError,
    };
    const loop = this.#loops.get(target.key);
    if (!loop) {
      this.#loops.set(target.key, new TargetLoop(this.#context, settings));
      return;
    }
    const before = loop.settings;
    const same =
      before.settingsPrint === settings.settingsPrint &&
      before.connections === settings.connections &&
      before.forcedError === forcedError &&
      before.target.intervalMs === target.intervalMs &&
      before.target.timeoutMs === target.timeoutMs &&
      before.target.discovered.equals(target.discovered);
    if (!same) loop.update(settings);
  }

  #resolve(groups: readonly TargetGroup[]): Map<string, Target> {
    const wanted = new Map<string, Target>();
    const dropped: Dropped[] = [];
    const { keepDroppedTargets, jobName } = this.#config;
    const bound = keepDroppedTargets > 0 ? keepDroppedTargets : DROPPED_BOUND;
    this.#droppedCount = 0;
    for (const result of groups.flatMap((group) => resolveGroup(group, this.#config))) {
      if (result.kind === 'target') {
        if (!wanted.has(result.target.key)) wanted.set(result.target.key, result.target);
        continue;
      }
      this.#droppedCount++;
      const fault = result.kind === 'faulty' ? result.fault : '';
      if (dropped.length < bound) dropped.push({ discovered: result.discovered, fault });
      if (fault !== '')
        this.#context.log.warn('a discovered target cannot be scraped', { job: jobName, fault });
    }
    this.#dropped = dropped;
    return wanted;
  }
}

/** What decides which series a body becomes. */
function seriesPrint(config: ScrapeConfig): string {
  return fingerprint([
    config.honorLabels,
    config.metricRelabelConfigs,
    config.labelLimit,
    config.labelNameLengthLimit,
    config.labelValueLengthLimit,
    config.sampleLimit,
    config.honorTimestamps,
    config.trackTimestampsStaleness,
    config.nameValidation,
    config.fallbackScrapeProtocol,
    config.extraScrapeMetrics,
    config.scrapeNativeHistograms,
    config.alwaysScrapeClassicHistograms,
    config.convertClassicHistogramsToNhcb,
    config.nativeHistogramBucketLimit,
    config.nativeHistogramMinBucketFactor,
  ]);
}

/** All that a loop goes by, discovery apart. */
function settingsPrint(config: ScrapeConfig): string {
  const { staticConfigs, fileSdConfigs, httpSdConfigs, ...rest } = config;
  return fingerprint(rest);
}
