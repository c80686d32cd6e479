/**
 * CPU of a range query whose end has moved by one step, computed anew and extended; 200 series of 5.5 hours at 15 s. The
 * answers are compared first. Run: node apps/server/bench/range-cache.ts
 */
import { Labels } from '@watchroom/model';
import { Engine, type QueryResult } from '@watchroom/promql';
import { MemoryStore } from '@watchroom/testkit';
import { ChangeLog } from '@watchroom/tsdb';
import { RangeCache } from '../src/range-cache/range-cache.ts';

const STEP_MS = 15_000;
const STEPS = 1320;
const ROUNDS = 30;
const DEFAULTS = { lookbackMs: 300_000, subqueryStepMs: 60_000 };

const store = new MemoryStore();
for (let i = 0; i < 200; i++) {
  const labels = Labels.fromObject({ __name__: 'x_total', group: String(i % 10), i: String(i) });
  store.add(
    labels,
    Array.from({ length: STEPS + 2 * ROUNDS }, (_, t) => [t * STEP_MS, t * i] as const),
  );
}
const log = new ChangeLog();
const changes = {
  mark: () => log.mark,
  earliestSince: (mark: number) => log.earliestSince(mark),
  oldestMs: () => Number.NEGATIVE_INFINITY,
};
const engine = new Engine();
const cache = new RangeCache({ querier: store, changes, monotonic: () => 0 });

function ask(query: string, moved: number, kept: boolean): Promise<QueryResult> {
  const request = {
    query,
    querier: store,
    startMs: 0,
    endMs: (STEPS + moved) * STEP_MS,
    stepMs: STEP_MS,
  };
  if (!kept) return engine.range(request);
  return cache.range(request, engine.parse(query), DEFAULTS, (part) => engine.range(part));
}

async function median(query: string, kept: boolean): Promise<number> {
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const before = process.cpuUsage();
    await ask(query, round, kept);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0;
}

for (const query of ['sum by (group) (rate(x_total[5m]))', 'avg_over_time(x_total[10m])']) {
  await ask(query, 0, true);
  const [fresh, kept] = [await median(query, false), await median(query, true)];
  const [a, b] = [await ask(query, ROUNDS + 1, false), await ask(query, ROUNDS + 1, true)];
  if (JSON.stringify(a.value) !== JSON.stringify(b.value)) throw new Error(`${query}: the answers differ`);
  console.log(`${query}: ${fresh.toFixed(1)} ms anew, ${kept.toFixed(1)} ms extended`);
}
