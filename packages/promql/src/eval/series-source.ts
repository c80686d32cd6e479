/** One series of a selector after the other, with pauses for other work between them that do not change what is seen. */
import type { SeriesData, SeriesEnds, SeriesSet, StoreCut } from '@watchroom/model';
import type { VectorSelector } from '../parser/ast.ts';
import type { EvalContext } from './context.ts';

export interface SeriesRead {
  readonly startMs: number;
  readonly endMs: number;
  readonly hints: { readonly stepMs: number; readonly rangeMs: number; readonly func: string };
}

/**
 * Gives each series to `use`, which may keep labels and timestamps; values are lent until it returns. With `useEnds`, series
 * of which the ends tell all go there instead.
 */
export async function eachSeries(
  context: EvalContext,
  selector: VectorSelector,
  { startMs, endMs, hints }: SeriesRead,
  use: (data: SeriesData) => void,
  useEnds?: (ends: SeriesEnds) => void,
): Promise<void> {
  context.check();
  if (context.due) await context.pause();
  const { querier } = context;
  const { stepMs, rangeMs, func } = hints;
  const range = { startMs, endMs, stepMs, rangeMs, func };
  const set: SeriesSet = querier.open
    ? querier.open(selector.matchers, range, context.cut)
    : new LentSeries(await querier.select(selector.matchers, range, context.signal));
  let read = 1;
  for (let i = 0; i < set.size; i += read) {
    if (context.isDueAfter(read)) await context.pause(set);
    read = 1;
    const ends = useEnds && set.ends?.(i);
    if (ends) {
      read = ends.count;
      context.series += read;
      useEnds(ends);
      continue;
    }
    const data = set.read(i);
    if (!data) continue;
    context.series++;
    use(data);
  }
}

/** What a store gives at once is lent until the next await. */
class LentSeries implements SeriesSet {
  readonly size: number;
  #found: readonly SeriesData[];
  #next = 0;
  #held = false;

  constructor(found: readonly SeriesData[]) {
    this.size = found.length;
    this.#found = found;
  }

  read(i: number): SeriesData | undefined {
    this.#next = i + 1;
    return this.#found[i];
  }

  hold(_cut: StoreCut | undefined): void {
    if (this.#held) return;
    this.#held = true;
    this.#found = this.#found.map((data, i) => (i < this.#next ? data : copyOf(data)));
  }
}

/** Its samples in arrays of their own. */
export function copyOf(data: SeriesData): SeriesData {
  const startTimestamps = data.startTimestamps?.slice();
  const weights = data.weights?.slice();
  return {
    ...data,
    timestamps: data.timestamps.slice(),
    values: data.values.slice(),
    startTimestamps,
    weights,
  };
}
