/** A scrape manager with its fetching thread, by the machine's clock. */
import { Worker } from 'node:worker_threads';
import { type Labels, Matcher, systemClock } from '@watchroom/model';
import { MemoryStore } from '@watchroom/testkit';
import { onTestFinished } from 'vitest';
import { threadLink } from '../src/fetching/thread-link.ts';
import type { ThreadSettings } from '../src/fetching/thread-protocol.ts';
import { ScrapeManager, silentObserver } from '../src/index.ts';
import { config } from './harness.ts';

const EVERYTHING = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER, stepMs: 0, rangeMs: 0, func: '' };

export interface Threaded {
  readonly manager: ScrapeManager;
  readonly store: MemoryStore;
  readonly threads: Worker[];
  /** What each was started with. */
  readonly started: ThreadSettings[];
  readonly counts: { scraped: number; skipped: number; restarts: number };
  /** The job of each scrape that ended, in the order in which they ended. */
  readonly ended: string[];
  values(name: string): number[];
  labels(name: string): Labels[];
}

export function threaded(
  settingsToo: Partial<ThreadSettings> = {},
  waits = false,
  lastWriteMs?: number,
): Threaded {
  const store = new MemoryStore();
  const threads: Worker[] = [];
  const started: ThreadSettings[] = [];
  const counts = { scraped: 0, skipped: 0, restarts: 0 };
  const ended: string[] = [];
  const start = (settings: ThreadSettings): Worker => {
    const url = new URL('../src/fetching/thread.ts', import.meta.url);
    const worker = new Worker(url, { workerData: { ...settings, ...settingsToo }, execArgv: [] });
    threads.push(worker);
    started.push(settings);
    return worker;
  };
  const manager = new ScrapeManager({
    clock: systemClock,
    appendable: store,
    version: '1.2.3',
    link: threadLink(systemClock, {}, { start, lastWriteMs }),
    waits,
    observer: {
      ...silentObserver,
      scraped: ({ pool }) => {
        counts.scraped++;
        ended.push(pool);
      },
      skipped: (_pool, count) => {
        counts.skipped += count;
      },
      fetchingRestarted: () => void counts.restarts++,
    },
  });
  onTestFinished(() => manager.close());
  const series = (name: string) => store.select([new Matcher('__name__', '=', name)], EVERYTHING);
  return {
    manager,
    store,
    threads,
    started,
    counts,
    ended,
    values: (name) => series(name).flatMap(({ values }) => [...values]),
    labels: (name) => series(name).map(({ labels }) => labels),
  };
}

const FAST = ['scrape_interval: 100ms', 'scrape_timeout: 100ms'];

/** As `job`, at 100 ms. */
export function fast(address: string, more: readonly string[] = []) {
  const lines = ['job_name: a', ...FAST, ...more, `static_configs: [{targets: ["${address}"]}]`];
  return config(`scrape_configs:\n  - ${lines.join('\n    ')}\n`);
}
