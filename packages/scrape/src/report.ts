/** The series that a scrape writes about itself. Source: https://prometheus.io/docs/concepts/jobs_instances/ */
import type { ScrapeConfig } from '@watchroom/config';
import { type Appender, Labels, METRIC_NAME, type SeriesRef, STALE } from '@watchroom/model';
import { joinLabels } from './mutate.ts';
import { reportNames } from './series-table.ts';

export interface Report {
  readonly up: boolean;
  readonly durationSeconds: number;
  readonly samples: number;
  readonly kept: number;
  readonly added: number;
  readonly bodyBytes: number;
  readonly timeoutSeconds: number;
}

export class ReportSeries {
  readonly #target: Labels;
  readonly #config: ScrapeConfig;
  /** The labels are held with the ref: a store that has forgotten an idle series finds it again by them. */
  readonly #series = new Map<string, { readonly ref: SeriesRef; readonly labels: Labels }>();

  constructor(config: ScrapeConfig, target: Labels) {
    this.#config = config;
    this.#target = target;
  }

  append(appender: Appender, timeMs: number, report: Report): void {
    const write = (name: string, value: number): void => {
      appender.append(this.#ref(appender, name), timeMs, value);
    };
    write('up', report.up ? 1 : 0);
    write('scrape_duration_seconds', report.durationSeconds);
    write('scrape_samples_scraped', report.samples);
    write('scrape_samples_post_metric_relabeling', report.kept);
    write('scrape_series_added', report.added);
    if (!this.#config.extraScrapeMetrics) return;
    write('scrape_timeout_seconds', report.timeoutSeconds);
    write('scrape_sample_limit', this.#config.sampleLimit);
    write('scrape_body_size_bytes', report.bodyBytes);
  }

  /** Ends the series: the target is gone. */
  appendStale(appender: Appender, timeMs: number): void {
    for (const name of reportNames(this.#config)) appender.append(this.#ref(appender, name), timeMs, STALE);
  }

  #ref(appender: Appender, name: string): SeriesRef {
    const known = this.#series.get(name);
    if (known) return known.ref;
    const labels = joinLabels(Labels.fromPairs([[METRIC_NAME, name]]), this.#target, false);
    const ref = appender.series(labels);
    this.#series.set(name, { ref, labels });
    return ref;
  }
}
