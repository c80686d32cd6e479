/**
 * What a start does first, before the rest of the server is loaded and the store is opened: it reads the configuration and
 * lets the targets be scraped, so that a restart misses as few scrapes as can be. What they bring waits for the store.
 */
import { hostname } from 'node:os';
import type { Appendable, Clock, FeedListener } from '@watchroom/model';
import { type OpenLink, ScrapeManager } from '@watchroom/scrape';
import { threadLink } from '@watchroom/scrape/thread';
import { Configuration } from './configuration.ts';
import type { ListenAddress, Log } from './context.ts';
import { dataFolderFault } from './data-folder.ts';
import { scrapeObserver } from './metrics/scrape-metrics.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import { isOwnUrl } from './own-address.ts';
import { StartError } from './start-error.ts';

export interface AppOptions {
  readonly version: string;
  /** Undefined: the built-in configuration. */
  readonly configFile: string | undefined;
  readonly dataDir: string;
  readonly listen: ListenAddress;
  readonly clock: Clock;
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Where targets are fetched: on a thread that goes by the machine's clock when it is not said; 'here' is the server's own
   * thread, by `clock`.
   */
  readonly fetching?: OpenLink | 'here' | undefined;
}

export interface FirstSteps {
  readonly configuration: Configuration;
  readonly metrics: ServerMetrics;
  readonly scrape: ScrapeManager;
  /** Since when targets are scraped. */
  readonly sinceMs: number;
  /** Stores what was scraped so far, and tells of it; from now on each scrape when it ends. */
  store(appendable: Appendable, onFeed: FeedListener): void;
}

/** Throws StartError when the configuration or the data folder is in the way. */
export function firstSteps(options: AppOptions): FirstSteps {
  const { clock, log, env, version, fetching = threadLink(clock, env) } = options;
  const configuration = new Configuration({ ...options, file: options.configFile });
  const fault = dataFolderFault(options.dataDir);
  if (fault) throw new StartError(`${fault}; choose another with --data DIR`);
  const metrics = new ServerMetrics(version);
  let target: { readonly appendable: Appendable; readonly onFeed: FeedListener } | undefined;
  const scrape = new ScrapeManager({
    clock,
    appendable: {
      appender: () => {
        if (!target) throw new Error('a scrape came before there was a store for it');
        return target.appendable.appender();
      },
    },
    onFeed: (event) => target?.onFeed(event),
    observer: scrapeObserver(metrics),
    log,
    version,
    seed: hostname(),
    env,
    link: fetching === 'here' ? undefined : fetching,
    waits: true,
    // It listens when the store is there: asked before, it would be down at each start.
    answersLater: (url) => isOwnUrl(url, options.listen),
  });
  void scrape.apply(configuration.current);
  return {
    configuration,
    metrics,
    scrape,
    sinceMs: clock.now(),
    store: (appendable, onFeed) => {
      target = { appendable, onFeed };
      scrape.begin();
    },
  };
}
