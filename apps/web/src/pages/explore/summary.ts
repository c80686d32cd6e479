/** What a table of a range tells of a series: its last value, its least and most, its mean. */
export interface SeriesSummary {
  readonly last: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly points: number;
}

/** NaN stands for no value and counts for nothing; all are NaN when there is none. */
export function summaryOf(values: ArrayLike<number>): SeriesSummary {
  let [last, min, max, sum, points] = [Number.NaN, Number.NaN, Number.NaN, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    last = value;
    if (!(min <= value)) min = value;
    if (!(max >= value)) max = value;
    sum += value;
    points++;
  }
  return { last, min, mean: points === 0 ? Number.NaN : sum / points, max, points };
}
