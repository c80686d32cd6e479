/** Series as servers really have them: half unchanged from scrape to scrape, counters, buckets, gauges. */
import { Labels } from '@watchroom/model';
import { seededRandom } from '@watchroom/testkit';

export interface BenchSeries {
  readonly labels: Labels;
  /** Value at a second; the noise comes with the call. */
  readonly at: (second: number, noise: number) => number;
}

type Shape = (rate: number) => (second: number, noise: number) => number;

const SHAPES: readonly Shape[] = [
  () => () => 0,
  (rate) => () => Math.floor(rate * 1000),
  (rate) => (second, noise) => Math.floor(rate * (second + noise)),
  (rate) => () => Math.floor(rate * 77),
  (rate) => (second, noise) => Math.round(rate * (second + noise)) / 100,
  (rate) => (second, noise) => Math.floor(0.7 * Math.floor(rate * (second + noise))),
  () => () => 1,
  (rate) => (second, noise) => Math.floor(1e8 * (1 + 0.2 * Math.sin(second / 300 + rate)) + 2e6 * noise),
  (rate) => (second, noise) => Math.floor(rate * 5 * (second + noise)),
  () => () => 25_276_567_552,
  (rate) => () => rate,
];

/** Rare and costly: a gauge with all its digits. */
const FLOAT: Shape = (rate) => (second, noise) => rate + Math.sin(second / 200) + 0.2 * noise;

export function benchSeries(targets: number, series: number): BenchSeries[][] {
  const random = seededRandom(1);
  return Array.from({ length: targets }, (_, target) =>
    Array.from({ length: series }, (_, i) => ({
      labels: Labels.fromObject({
        __name__: `bench_metric_${i % 25}_total`,
        instance: `10.0.${target >> 8}.${target & 255}:9100`,
        job: target % 2 === 0 ? 'shop' : 'node',
        route: `/api/v1/route/${Math.floor(i / 25) % 20}`,
        code: String(200 + (i % 5)),
      }),
      at: (i % 20 === 7 ? FLOAT : SHAPES[i % SHAPES.length]!)(1 + 60 * random()),
    })),
  );
}
