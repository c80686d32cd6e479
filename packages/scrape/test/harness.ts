import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatProblem, loadConfig, type WatchroomConfig } from '@watchroom/config';
import { type FeedEvent, isStale, Matcher } from '@watchroom/model';
import { ManualClock, MemoryStore, settle } from '@watchroom/testkit';
import { onTestFinished } from 'vitest';
import type { OpenLink } from '../src/fetching/link.ts';
import { ScrapeManager, type ScrapeObserver, silentObserver } from '../src/index.ts';

export const START_MS = 1_700_000_000_000;

/** Waits for real I/O, with a bound that only a broken test reaches. */
export async function until(check: () => boolean, what: string, forMs = 10_000): Promise<void> {
  const endMs = performance.now() + forMs;
  for (let i = 0; performance.now() < endMs; i++) {
    if (check()) return;
    await settle();
    if (i > 50) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`never came: ${what}`);
}

/** A real HTTP server on a free port, closed with the test. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  return open(server);
}

export async function open(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers every request with what `body` gives now. */
export function text(body: () => string): RequestListener {
  return (_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(body());
  };
}

export function config(yaml: string, baseDir = '/'): WatchroomConfig {
  const { config: loaded, problems } = loadConfig({ text: yaml, file: 'prometheus.yml', baseDir });
  if (!loaded) throw new Error(problems.map(formatProblem).join('\n'));
  return loaded;
}

/** One job over one target at 1 s, with more settings. */
export function job(address: string, more: readonly string[] = []): WatchroomConfig {
  const lines = [
    'job_name: a',
    'scrape_interval: 1s',
    ...more,
    `static_configs: [{targets: ["${address}"]}]`,
  ];
  return config(`scrape_configs:\n  - ${lines.join('\n    ')}\n`);
}

export interface Rig {
  readonly clock: ManualClock;
  readonly store: MemoryStore;
  readonly manager: ScrapeManager;
  readonly feeds: FeedEvent[];
  readonly counts: Map<string, number>;
  /** What was logged, without its fields. */
  readonly logged: string[];
  /** Moves one interval and waits until `scrapes` more scrapes have ended. */
  cycle(scrapes?: number, byMs?: number): Promise<void>;
  /** Times since the start in ms, with values; 'stale' for a marker. */
  series(name: string, labels?: Readonly<Record<string, string>>): (readonly [number, number | 'stale'])[];
  values(name: string, labels?: Readonly<Record<string, string>>): (number | 'stale')[];
}

export async function rig(first: WatchroomConfig, link?: (clock: ManualClock) => OpenLink): Promise<Rig> {
  // Half a ms before an interval: no place falls on the edge of a cycle, and each cycle has one of a target's scrapes, the first among them.
  const clock = new ManualClock(START_MS - 0.5);
  const store = new MemoryStore();
  const feeds: FeedEvent[] = [];
  const counts = new Map<string, number>();
  const observer = counting(counts);
  const onFeed = (event: FeedEvent): void => void feeds.push(event);
  const logged: string[] = [];
  const note = (message: string): void => void logged.push(message);
  const log = { info: note, warn: note };
  const own = { link: link?.(clock), version: '1.2.3' };
  const manager = new ScrapeManager({ clock, appendable: store, observer, onFeed, log, ...own });
  onTestFinished(() => manager.close());
  await manager.apply(first);
  const series: Rig['series'] = (name, labels = {}) => {
    const matchers = [new Matcher('__name__', '=', name)];
    for (const [label, value] of Object.entries(labels)) matchers.push(new Matcher(label, '=', value));
    const found = store.select(matchers, {
      startMs: 0,
      endMs: Number.MAX_SAFE_INTEGER,
      stepMs: 0,
      rangeMs: 0,
      func: '',
    });
    if (found.length > 1) throw new Error(`${name}: more than one series`);
    const [only] = found;
    if (!only) return [];
    return [...only.values].map((value, i) => [
      only.timestamps[i]! - START_MS,
      isStale(value) ? 'stale' : value,
    ]);
  };
  return {
    clock,
    store,
    manager,
    feeds,
    counts,
    logged,
    series,
    values: (name, labels) => series(name, labels).map(([, value]) => value),
    async cycle(scrapes = 1, byMs = 1000) {
      const wanted = (counts.get('scraped') ?? 0) + scrapes;
      await clock.advance(byMs);
      await until(() => (counts.get('scraped') ?? 0) >= wanted, `scrape ${wanted}`);
    },
  };
}

function counting(counts: Map<string, number>): ScrapeObserver {
  const add = (what: string, by = 1): void => void counts.set(what, (counts.get(what) ?? 0) + by);
  return {
    ...silentObserver,
    scraped: () => add('scraped'),
    skipped: (_pool, count) => add('skipped', count),
    parseErrors: (_pool, count) => add('parse errors', count),
    appended: (_pool, outcome, count) => add(outcome, count),
    exemplars: (_pool, outcome, count) => add(`exemplar ${outcome}`, count),
    relabelDropped: (_pool, count) => add('dropped', count),
    limitHit: (_pool, limit) => add(`limit ${limit}`),
    discoveryRefreshed: (_pool, kind) => add(`${kind} refreshed`),
    discoveryFailed: (_pool, kind) => add(`${kind} failed`),
  };
}
