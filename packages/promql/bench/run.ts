/**
 * Times queries over 10,000 series × 1 h at 15 s: 100 instances × 10 routes × (1 counter, 9 buckets).
 * Answers are checked against plain sums first. Run: pnpm --filter @watchroom/promql bench [queries with this word]
 */
import {
  Labels,
  Matcher,
  METRIC_NAME,
  matchesAll,
  type Querier,
  type SelectHints,
  type SeriesData,
} from '@watchroom/model';
import { Engine } from '../src/index.ts';

const STEP_MS = 15_000;
const SAMPLES = 240;
const START_MS = 1_700_000_000_000;
const END_MS = START_MS + (SAMPLES - 1) * STEP_MS;
const BOUNDS = ['0.005', '0.01', '0.05', '0.1', '0.25', '0.5', '1', '5', '+Inf'];

class ColumnStore implements Querier {
  readonly #byName = new Map<string, SeriesData[]>();

  add(series: SeriesData): void {
    const name = series.labels.metricName;
    const known = this.#byName.get(name);
    if (known) known.push(series);
    else this.#byName.set(name, [series]);
  }

  select(matchers: readonly Matcher[], hints: SelectHints): readonly SeriesData[] {
    const name = matchers.find((matcher) => matcher.name === METRIC_NAME && matcher.operator === '=')!.value;
    const others = matchers.filter((matcher) => matcher.name !== METRIC_NAME);
    const found = (this.#byName.get(name) ?? []).filter(({ labels }) => matchesAll(others, labels));
    const from = Math.max(0, Math.ceil((hints.startMs - START_MS) / STEP_MS));
    const to = Math.min(SAMPLES, Math.floor((hints.endMs - START_MS) / STEP_MS) + 1);
    return found.map(({ labels, timestamps, values }) => ({
      labels,
      timestamps: timestamps.subarray(from, to),
      values: values.subarray(from, to),
    }));
  }

  series(): readonly Labels[] {
    return [];
  }

  labelNames(): readonly string[] {
    return [];
  }

  labelValues(): readonly string[] {
    return [];
  }
}

function fill(store: ColumnStore): void {
  const timestamps = Float64Array.from({ length: SAMPLES }, (_, i) => START_MS + i * STEP_MS);
  let n = 0;
  const add = (labels: Record<string, string>): void => {
    const rate = 1 + (n++ % 97);
    const values = Float64Array.from({ length: SAMPLES }, (_, i) => i * rate);
    store.add({ labels: Labels.fromObject(labels), timestamps, values });
  };
  for (let instance = 0; instance < 100; instance++) {
    for (let route = 0; route < 10; route++) {
      const own = {
        instance: `host-${instance}:9100`,
        route: `/r${route}`,
        job: 'shop',
        service: `s${instance % 12}`,
      };
      add({ __name__: 'http_requests_total', ...own });
      for (const le of BOUNDS) add({ __name__: 'http_request_duration_seconds_bucket', le, ...own });
    }
  }
}

const RANGE_QUERIES = [
  'sum by (service) (rate(http_requests_total[5m]))',
  'sum by (service, le) (rate(http_request_duration_seconds_bucket[5m]))',
  'histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket[5m])))',
  'topk(5, sum by (instance) (rate(http_requests_total[2m])))',
  'avg_over_time(http_requests_total[10m])',
  'max by (instance) (http_requests_total)',
  'http_requests_total / on (instance, route) group_left http_requests_total',
  'sum(rate(http_requests_total[5m]) > 1)',
];
const INSTANT_QUERIES = [
  'sum by (service) (rate(http_requests_total[2m]))',
  'histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket[2m])))',
  'http_requests_total{instance="host-7:9100"}',
];

async function main(): Promise<void> {
  const store = new ColumnStore();
  fill(store);
  const engine = new Engine();
  await ensureAgreement(engine, store);
  const word = process.argv[2] ?? '';
  const timed = async (kind: string, query: string, run: () => Promise<unknown>): Promise<void> => {
    if (!query.includes(word)) return;
    for (let i = 0; i < 2; i++) await run();
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const startMs = performance.now();
      await run();
      times.push(performance.now() - startMs);
    }
    times.sort((a, b) => a - b);
    console.log(`${kind} ${times[2]!.toFixed(1).padStart(8)} ms  ${query}`);
  };
  for (const query of RANGE_QUERIES) {
    const range = { query, startMs: START_MS, endMs: END_MS, stepMs: STEP_MS, querier: store };
    await timed('range  ', query, () => engine.range(range));
  }
  for (const query of INSTANT_QUERIES) {
    await timed('instant', query, () => engine.instant({ query, timeMs: END_MS, querier: store }));
  }
}

async function ensureAgreement(engine: Engine, store: ColumnStore): Promise<void> {
  const { value } = await engine.instant({
    query: 'sum(http_requests_total)',
    timeMs: END_MS,
    querier: store,
  });
  let expected = 0;
  for (const { values } of store.select([new Matcher(METRIC_NAME, '=', 'http_requests_total')], hints()))
    expected += values.at(-1)!;
  const got = value.type === 'vector' ? value.samples[0]?.value : undefined;
  if (got !== expected) throw new Error(`sum is ${got}, expected ${expected}`);
}

function hints(): SelectHints {
  return { startMs: START_MS, endMs: END_MS, stepMs: 0, rangeMs: 0, func: '' };
}

await main();
