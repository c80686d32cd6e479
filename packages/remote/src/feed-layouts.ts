/** What a request has written, for the live side; requests with the same metrics in the same order share one set. */
import type { MetricName } from './series-entry.ts';

const MOST_LAYOUTS = 64;

interface Layout {
  readonly names: readonly MetricName[];
  readonly set: ReadonlySet<string>;
}

export class FeedLayouts {
  /** Of the samples of this request. */
  newestMs: number = Number.NEGATIVE_INFINITY;
  oldestMs: number = Number.POSITIVE_INFINITY;
  #request = 0;
  #names: MetricName[] = [];
  /** The last used first. */
  readonly #layouts: Layout[] = [];

  /** Starts a request; `request` is a number of its own. */
  begin(request: number): this {
    this.#request = request;
    this.#names = [];
    this.newestMs = Number.NEGATIVE_INFINITY;
    this.oldestMs = Number.POSITIVE_INFINITY;
    return this;
  }

  time(timeMs: number): void {
    if (timeMs > this.newestMs) this.newestMs = timeMs;
    if (timeMs < this.oldestMs) this.oldestMs = timeMs;
  }

  name(name: MetricName): void {
    if (name.request === this.#request) return;
    name.request = this.#request;
    this.#names.push(name);
  }

  metricNames(): ReadonlySet<string> {
    const names = this.#names;
    const at = this.#layouts.findIndex((layout) => isSame(layout.names, names));
    const layout =
      at < 0 ? { names, set: new Set(names.map(({ name }) => name)) } : this.#layouts.splice(at, 1)[0]!;
    this.#layouts.unshift(layout);
    if (this.#layouts.length > MOST_LAYOUTS) this.#layouts.pop();
    return layout.set;
  }
}

function isSame(a: readonly MetricName[], b: readonly MetricName[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
