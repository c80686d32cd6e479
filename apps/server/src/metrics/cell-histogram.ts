/** A histogram for what happens thousands of times a second: who observes keeps the cell of its label values. */
import { Histogram, type MetricObjectWithValues, type MetricValueWithName } from 'prom-client';

/** The figures of one set of label values. */
export class HistogramCell {
  readonly bounds: readonly number[];
  /** How many were in each bucket, the last one's without an upper bound. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds } = this;
    let i = 0;
    while (i < bounds.length && value > bounds[i]!) i++;
    this.counts[i]!++;
    this.sum += value;
  }
}

type Figures<L extends string> = MetricObjectWithValues<MetricValueWithName<L | 'le'>>;

/** Gives one cell for each set of label values; a second one for the same would be told twice. */
export interface Cells<L extends string> {
  cell(labels: Readonly<Record<L, string>>): HistogramCell;
}

/** Exposed as prom-client's own. Hold it as `Cells`: what its inherited `observe` is told would not be exposed. */
export class CellHistogram<L extends string> extends Histogram<L> implements Cells<L> {
  readonly #bounds: readonly number[];
  readonly #description: Pick<Figures<L>, 'name' | 'help'>;
  readonly #cells: { readonly labels: Readonly<Record<L, string>>; readonly cell: HistogramCell }[] = [];

  constructor(options: ConstructorParameters<typeof Histogram<L>>[0] & { readonly buckets: number[] }) {
    super(options);
    this.#bounds = options.buckets;
    this.#description = { name: options.name, help: options.help };
  }

  cell(labels: Readonly<Record<L, string>>): HistogramCell {
    const cell = new HistogramCell(this.#bounds);
    this.#cells.push({ labels, cell });
    return cell;
  }

  override async get(): Promise<Figures<L>> {
    return this.getForPromString();
  }

  /** What prom-client's registry asks for, in the order in which it tells its own. */
  async getForPromString(): Promise<Figures<L>> {
    const { name } = this.#description;
    const values = this.#cells.flatMap(({ labels, cell }) => {
      let count = 0;
      const buckets = [...cell.counts].map((own, i) => {
        count += own;
        return {
          metricName: `${name}_bucket`,
          labels: { le: this.#bounds[i] ?? '+Inf', ...labels },
          value: count,
        };
      });
      const sum = { metricName: `${name}_sum`, labels, value: cell.sum };
      return [...buckets, sum, { metricName: `${name}_count`, labels, value: count }];
    });
    return { ...this.#description, type: 'histogram', values, aggregator: 'sum' } as unknown as Figures<L>;
  }
}
