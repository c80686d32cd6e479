/** Sample-to-pixel times as browsers report them: a histogram for /metrics and the last minutes' quantiles for the UI. */
import type { PaintReport } from '@watchroom/contract';
import type { Histogram } from 'prom-client';
import type { ServerMetrics } from './server-metrics.ts';

const BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 5, 10, 60];
const KEPT = 2000;

export class PaintTimes {
  readonly #histogram: Histogram<'page'>;
  readonly #recentMs: number[] = [];
  #count = 0;

  constructor(metrics: ServerMetrics) {
    this.#histogram = metrics.histogram(
      'watchroom_sample_to_pixel_seconds',
      'From the end of a scrape or evaluation on the server to the painted frame, as reported by browsers.',
      BUCKETS_S,
      ['page'],
    );
  }

  record(report: PaintReport): void {
    const page = /^[a-z]{1,20}$/.test(report.page) ? report.page : 'other';
    for (const timeMs of report.sampleToPixelMs) {
      this.#histogram.observe({ page }, Math.max(0, timeMs) / 1000);
      this.#recentMs[this.#count++ % KEPT] = timeMs;
    }
  }

  /** Over the last 2,000 reported times; undefined before the first. */
  summary(): { p50Ms: number; p99Ms: number; count: number } | undefined {
    if (this.#recentMs.length === 0) return undefined;
    const sorted = this.#recentMs.toSorted((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.floor(share * (sorted.length - 1))]!);
    return { p50Ms: at(0.5), p99Ms: at(0.99), count: this.#count };
  }
}
