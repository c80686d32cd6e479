/** Composes the server: everything that starts here has a close, and is closed in reverse order. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { WatchroomSettings } from '@watchroom/config';
import { HostCollector } from '@watchroom/host';
import { LiveHub } from '@watchroom/live';
import { type Clock, type FeedEvent, Labels } from '@watchroom/model';
import { RemoteWriteReceiver } from '@watchroom/remote';
import { engineQuery, RuleManager } from '@watchroom/rules';
import { openStore, type RollupRetention, StoreError, type TimeSeriesStore } from '@watchroom/tsdb';
import type { FastifyInstance } from 'fastify';
import type { Configuration } from './configuration.ts';
import type { ListenAddress, ServerContext } from './context.ts';
import { DemoControl } from './demo-control.ts';
import { type AppOptions, type FirstSteps, firstSteps } from './first-steps.ts';
import { isHostAllowed } from './http/security.ts';
import { buildHttpServer } from './http/server.ts';
import { attachSocketIo } from './live/attach-socket-io.ts';
import { feedFilterOf, liveEvaluate } from './live-source.ts';
import type { ConfigBundle } from './load-bundle.ts';
import { mergeMetadata } from './metadata.ts';
import { liveObserver, observeLive } from './metrics/live-metrics.ts';
import { PaintTimes } from './metrics/paint-times.ts';
import { observeRemoteWrite } from './metrics/remote-write-metrics.ts';
import { ruleObserver } from './metrics/rule-metrics.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import { observeConfiguration, observeStore } from './metrics/store-metrics.ts';
import { type Queries, QueryEngine } from './query-engine.ts';
import { RangeCache } from './range-cache/range-cache.ts';
import { StartError } from './start-error.ts';
import { Topics } from './topics/topics.ts';

const WEB_ROOT = resolve(import.meta.dirname, '../../web/dist');

export interface RunningApp {
  /** Where it listens; the port is real even when 0 was asked for. */
  readonly address: ListenAddress;
  /** What it reads and writes, for whoever embeds the server. */
  readonly store: TimeSeriesStore;
  reload(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Throws StartError when something outside (port, folder, configuration) is in the way. `first`: what was started already. */
export async function startApp(options: AppOptions, first = firstSteps(options)): Promise<RunningApp> {
  const { clock, log } = options;
  const { configuration, metrics, scrape } = first;
  const store = await open(options, first).catch(async (error: unknown) => {
    await scrape.close();
    throw error;
  });
  const closers: (() => Promise<void> | void)[] = [() => store.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const paint = new PaintTimes(metrics);
    const engine = queryEngine(configuration, store, clock, metrics);
    const own = engine.for('own');
    const epoch = randomBytes(8).toString('hex');
    const hub = new LiveHub({
      clock,
      epoch,
      evaluate: liveEvaluate(engine.for('live'), store),
      feeds: feedFilterOf,
      hello: () => ({ version: options.version, webBuild: webBuild(), outages: store.outages() }),
      observer: liveObserver(metrics, paint, log),
    });
    closers.push(() => hub.close());
    const onFeed = (event: FeedEvent): void => {
      hub.onFeed(event);
      if (event.source === 'scrape') topics.targetsChanged();
    };
    feedEndings(store, clock, onFeed);
    closers.push(() => scrape.close());
    const rules = new RuleManager({
      query: engineQuery(own, store),
      querier: store,
      appendable: store,
      clock,
      onFeed,
      observer: ruleObserver(metrics, log, clock, () => rules.groups()),
      externalLabels: () => configuration.current.global.externalLabels.toObject(),
      externalUrl: `http://${options.listen.host}:${options.listen.port}/`,
    });
    closers.push(() => rules.close());
    const remoteWrite = new RemoteWriteReceiver({ appendable: store, clock, onFeed });
    let ready = false;
    const demo = new DemoControl();
    const host = new HostCollector({ now: () => clock.now() });
    const context: ServerContext = {
      version: options.version,
      epoch,
      startedAtMs: clock.now(),
      clock,
      log,
      dataDir: options.dataDir,
      webRoot: WEB_ROOT,
      listen: options.listen,
      flags: flagsOf(options),
      store,
      engine,
      scrape,
      rules,
      remoteWrite,
      configuration,
      metrics,
      demo,
      paint,
      isReady: () => ready,
      hostMetrics: () => host.collect(),
      queryVector: (promql, timeMs) => queryVector(own, store, promql, timeMs),
      healthRulesText: () => configuration.bundle.healthRulesText,
      refreshDemo: () => topics.refreshDemo(),
      metadata: (family) =>
        mergeMetadata([...scrape.metadata(), { metrics: remoteWrite.metadata() }], family),
    };
    const topics = new Topics(context, hub);
    closers.push(() => topics.close());
    rules.onAlerts(() => topics.alertsChanged());
    scrape.onChange(() => topics.targetsChanged());
    observeStore(metrics, store, clock);
    observeRemoteWrite(metrics, remoteWrite);
    observeConfiguration(metrics, configuration);

    const app = await buildHttpServer(context);
    const live = attachSocketIo({
      server: app.server,
      hub,
      clock,
      allowedOrigins: () => configuration.current.watchroom.embed.allowedOrigins,
      authorize: (request) => isHostAllowed(request, context),
    });
    observeLive(metrics, hub, live);
    app.addHook('preClose', () => live.close());
    closers.push(() => app.close());
    const address = await listenOn(app, options.listen);
    first.store(store, onFeed);

    await configuration.connect(
      async (bundle) => {
        await applyBundle(bundle, context);
        topics.targetsChanged();
        await topics.refreshDemo();
      },
      () => topics.statusChanged(),
    );
    topics.start();
    ready = true;
    log.info('ready', { listen: `${address.host}:${address.port}`, data: options.dataDir });
    return { address, store, reload: () => configuration.reload(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Series that the store ends late, after a restart, or deletes are a write like any other to those who watch them. */
function feedEndings(store: TimeSeriesStore, clock: Clock, onFeed: (event: FeedEvent) => void): void {
  store.onEnded = ({ metricNames, oldestMs, newestMs }) => {
    const times = { sampleTimeMs: newestMs, oldestTimeMs: oldestMs, endedAtMs: clock.now() };
    onFeed({ metricNames, labels: Labels.EMPTY, ...times, source: 'write' });
  };
}

function queryEngine(
  configuration: Configuration,
  store: TimeSeriesStore,
  clock: Clock,
  metrics: ServerMetrics,
): QueryEngine {
  const monotonic = () => clock.monotonic();
  const cache = new RangeCache({ querier: store, changes: store.changes, monotonic });
  return new QueryEngine(configuration.current.watchroom.promql, clock, metrics, cache);
}

async function open(options: AppOptions, { configuration, sinceMs }: FirstSteps): Promise<TimeSeriesStore> {
  const { watchroom, storage: prometheus } = configuration.current;
  const { storage } = watchroom;
  try {
    return await openStore({
      dir: options.dataDir,
      clock: options.clock,
      gatheringSinceMs: sinceMs,
      retentionMs: storage.retentionMs,
      maxBytes: storage.maxSizeBytes,
      rollups: rollupsOf(storage),
      maxSeries: storage.maxSeries,
      outOfOrderWindowMs: prometheus.outOfOrderTimeWindowMs,
      maxExemplars: prometheus.maxExemplars,
      log: options.log,
    });
  } catch (error) {
    if (error instanceof StoreError) throw new StartError(error.message);
    throw error;
  }
}

function rollupsOf({ retention5mMs, retention1hMs }: WatchroomSettings['storage']): RollupRetention {
  return { fiveMinutesMs: retention5mMs, oneHourMs: retention1hMs };
}

/** Puts a configuration into effect. The order matters: rules may read what the new targets write. */
async function applyBundle(bundle: ConfigBundle, context: ServerContext): Promise<void> {
  const { config, groups } = bundle;
  const { storage, demo, promql } = config.watchroom;
  const rollups = rollupsOf(storage);
  const { retentionMs, maxSizeBytes: maxBytes, maxSeries } = storage;
  context.store.setRetention({ retentionMs, maxBytes, rollups, maxSeries });
  context.store.setOutOfOrderWindow(config.storage.outOfOrderTimeWindowMs);
  context.store.setMaxExemplars(config.storage.maxExemplars);
  context.engine.configure(promql);
  context.demo.configure(demo.controlUrl?.href);
  await context.scrape.apply(config);
  await context.rules.apply(groups, config.global.evaluationIntervalMs);
}

async function listenOn(app: FastifyInstance, { host, port }: ListenAddress): Promise<ListenAddress> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code})`;
    throw new StartError(`${host}:${port} ${reason}; choose another address with --listen`);
  }
  const bound = app.server.address();
  return { host, port: typeof bound === 'object' && bound ? bound.port : port };
}

/** Identifies the web app that is served, so that unattended walls reload themselves after an upgrade. */
function webBuild(): string {
  const file = join(WEB_ROOT, 'build-id.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : 'none';
}

function flagsOf(options: AppOptions): Record<string, string> {
  const { host, port } = options.listen;
  return {
    'config.file': options.configFile ?? '',
    'storage.path': options.dataDir,
    'web.listen-address': `${host}:${port}`,
  };
}

/** An instant query as plain samples; a scalar is one sample without labels. */
async function queryVector(
  queries: Queries,
  store: TimeSeriesStore,
  promql: string,
  timeMs: number,
): Promise<readonly { labels: Labels; value: number }[]> {
  const { value } = await queries.instant({ query: promql, timeMs, querier: store });
  if (value.type === 'vector') return value.samples;
  return value.type === 'scalar' ? [{ labels: Labels.EMPTY, value: value.value }] : [];
}
