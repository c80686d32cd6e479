/** How many series there may be. New ones beyond it are refused; the log says whose they are and which metric has most. */
import type { Clock, Labels, Timer } from '@watchroom/model';
import { cardinalityOf } from '../cardinality.ts';
import type { StoreLog } from '../types.ts';
import type { SeriesTable } from './series-table.ts';

/** What is refused is counted for so long before it is told: the first one to be refused need not be to blame. */
const GATHER_MS = 5_000;
const TELL_AGAIN_MS = 60_000;
/** Sources that are told apart. */
const MOST_SOURCES = 1_000;

export class SeriesLimit {
  /** Infinity: no limit. */
  max: number;
  /** Refusals; a series that is tried again counts again. */
  refused = 0;
  readonly #clock: Clock;
  readonly #log: StoreLog;
  readonly #table: SeriesTable;
  readonly #bySource = new Map<string, number>();
  #timer: Timer | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(max: number, table: SeriesTable, clock: Clock, log: StoreLog) {
    this.max = max;
    this.#table = table;
    this.#clock = clock;
    this.#log = log;
  }

  /** Whether a series may be there; one that is there already may. */
  admits(labels: Labels): boolean {
    if (this.#table.size < this.max || this.#table.find(labels) !== undefined) return true;
    this.refused++;
    const source = sourceOf(labels);
    if (this.#bySource.has(source) || this.#bySource.size < MOST_SOURCES)
      this.#bySource.set(source, (this.#bySource.get(source) ?? 0) + 1);
    this.#timer ??= this.#clock.after(this.#untilToldMs(), () => this.#tell());
    return false;
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #untilToldMs(): number {
    return Math.max(GATHER_MS, this.#toldMs + TELL_AGAIN_MS - this.#clock.monotonic());
  }

  #tell(): void {
    this.#timer = undefined;
    this.#toldMs = this.#clock.monotonic();
    const total = [...this.#bySource.values()].reduce((sum, count) => sum + count, 0);
    const [source, count] = [...this.#bySource].reduce((most, one) => (one[1] > most[1] ? one : most));
    this.#bySource.clear();
    const { seriesByMetricName, valuesByLabelName } = cardinalityOf(this.#table.index, 1);
    const [metric] = seriesByMetricName;
    const [label] = valuesByLabelName;
    this.#log.warn(
      `${total} new series were refused, as there are ${this.#table.size} (limit ${this.max}); most of the refused: ${source} (${count}); ` +
        `the metric with the most series: ${metric?.name} (${metric?.count}); the label with the most values: ${label?.name} (${label?.count}). ` +
        'Limit the target with sample_limit or drop the label with metric_relabel_configs, or raise "watchroom: storage: max_series"',
    );
  }
}

/** The target that sent a series, as far as its labels tell. */
function sourceOf(labels: Labels): string {
  const [job, instance] = [labels.get('job'), labels.get('instance')];
  const metric = labels.metricName;
  return job === '' && instance === '' ? metric : `${metric} of job "${job}", instance "${instance}"`;
}
