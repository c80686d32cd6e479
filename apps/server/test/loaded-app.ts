/** A whole server over given series with a clock that stands still, and the means to ask it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Appendable, Labels } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { startApp } from '../src/app.ts';

export interface FixedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly start_ms: number;
  readonly step_ms: number;
  /** null: no sample. */
  readonly values: readonly (number | string | null)[];
}

export interface LoadedApp {
  readonly url: string;
  readonly clock: ManualClock;
  readonly store: Appendable;
  close(): Promise<void>;
}

const silent = { info() {}, warn() {}, error() {} };

/** Keeps everything, however old, and makes no series of its own. */
const CONFIG = `global: {evaluation_interval: 1h}
watchroom:
  storage: {retention: 100y}
  health: {enabled: false}
`;

export async function loadedApp(
  series: readonly FixedSeries[],
  nowMs: number,
  config: string = CONFIG,
): Promise<LoadedApp> {
  const folder = mkdtempSync(join(tmpdir(), 'watchroom-loaded-'));
  const configFile = join(folder, 'prometheus.yml');
  writeFileSync(configFile, config);
  const clock = new ManualClock(nowMs);
  const app = await startApp({
    version: '0.0.0',
    configFile,
    dataDir: join(folder, 'data'),
    listen: { host: '127.0.0.1', port: 0 },
    clock,
    log: silent,
    env: {},
    fetching: 'here',
  });
  load(app.store, series);
  return {
    url: `http://127.0.0.1:${app.address.port}`,
    clock,
    store: app.store,
    async close() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Appends series by time, as they would have been scraped. */
export function load(store: Appendable, series: readonly FixedSeries[]): void {
  const rows: { timeMs: number; labels: Labels; value: number }[] = [];
  for (const one of series) {
    const labels = Labels.fromObject(one.labels);
    one.values.forEach((value, i) => {
      if (value !== null) rows.push({ timeMs: one.start_ms + i * one.step_ms, labels, value: Number(value) });
    });
  }
  rows.sort((a, b) => a.timeMs - b.timeMs);
  for (let i = 0; i < rows.length; ) {
    const appender = store.appender();
    const { timeMs } = rows[i]!;
    for (; i < rows.length && rows[i]!.timeMs === timeMs; i++) {
      const { labels, value } = rows[i]!;
      const outcome = appender.append(appender.series(labels), timeMs, value);
      if (outcome !== 'ok') throw new Error(`${labels} at ${timeMs}: ${outcome}`);
    }
    appender.commit();
  }
}
