/** Rates of a counter that is known to rise need its first and last sample only, and must be those of all its samples. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels, type Querier, STALE } from '@watchroom/model';
import { Engine, type InstantRequest } from '@watchroom/promql';
import { ManualClock, seededRandom } from '@watchroom/testkit';
import { openStore, type TimeSeriesStore } from '@watchroom/tsdb';
import { afterEach, expect, it } from 'vitest';

const SERIES = 30;
const ROWS = 200;
const STEP_MS = 1_000;
const QUERIES = [
  'rate(c_total[30s])',
  'increase(c_total[2m])',
  'delta(c_total[45s] offset 7s)',
  'sum by (group) (rate(c_total[1m]))',
  'avg without (i) (increase(c_total[90s] @ end()))',
  'sum (rate({__name__=~"c_.*"}[1m]))',
  'count by (group) (rate(not_a_counter[20s]))',
];

const folder = mkdtempSync(join(tmpdir(), 'watchroom-rate-'));
let store: TimeSeriesStore | undefined;
afterEach(async () => {
  await store?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Rows of counters; some are reset, end, begin late, or miss a row. */
async function fill(into: TimeSeriesStore, clock: ManualClock, random: () => number): Promise<void> {
  const values = new Float64Array(SERIES);
  for (let row = 0; row < ROWS; row++) {
    await clock.advance(STEP_MS);
    const appender = into.appender();
    for (let i = 0; i < SERIES; i++) {
      const isLate = i % 7 === 3 && row < 100;
      if (isLate || (i % 5 === 1 && random() < 0.05)) continue;
      values[i] = i % 3 === 0 && random() < 0.02 ? 0 : values[i]! + random() * 10;
      const name = i % 2 === 0 ? 'c_total' : 'not_a_counter';
      const labels = Labels.fromObject({ __name__: name, i: `${i}`, group: `${i % 4}` });
      const value = i % 11 === 4 && row % 60 === 59 ? STALE : values[i]!;
      appender.append(appender.series(labels), clock.now(), value);
    }
    appender.commit();
  }
}

it('are the same whether a store tells the ends or gives all samples', async () => {
  const clock = new ManualClock();
  store = await openStore({
    dir: folder,
    clock,
    retentionMs: 1e12,
    maxBytes: 1e12,
    markStaleOnOpen: false,
    chunkRows: 16,
  });
  await fill(store, clock, seededRandom(5));
  const whole: Querier = { ...querierOf(store), select: (...given) => store!.select(...given) };
  let told = 0;
  const ends: Querier = {
    ...querierOf(store),
    select: (...given) => store!.select(...given),
    open: (...given) => {
      const set = store!.open!(...given);
      const tell = set.ends!.bind(set);
      set.ends = (i) => {
        const found = tell(i);
        told += found?.count ?? 0;
        return found;
      };
      return set;
    },
    cut: () => store!.cut!(),
  };
  const engine = new Engine({ clock });
  const ask = async (querier: Querier, query: string, timeMs: number): Promise<unknown> => {
    const request: InstantRequest = { query, timeMs, querier };
    return engine.instant(request);
  };
  for (const query of QUERIES)
    for (let backMs = 0; backMs < 150_000; backMs += 10_777) {
      const timeMs = clock.now() - backMs;
      const expected = await ask(whole, query, timeMs);
      expect(await ask(ends, query, timeMs)).toEqual(expected);
      // Groups of series are remembered.
      expect(await ask(ends, query, timeMs)).toEqual(expected);
    }
  expect(told).toBeGreaterThan(500);
});

function querierOf(of: TimeSeriesStore): Omit<Querier, 'select'> {
  return {
    series: (...given) => of.series(...given),
    labelNames: (...given) => of.labelNames(...given),
    labelValues: (...given) => of.labelValues(...given),
  };
}
