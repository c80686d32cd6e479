/**
 * A commit of many samples of each series at the same times, series by series, as remote write clients send them: told apart
 * without a map, and cut into rows. Anything else is not a rectangle.
 */
import type { ValuesPool } from './values-pool.ts';

export interface Rectangle {
  readonly refs: Uint32Array;
  readonly times: Float64Array;
  /** Values of all series at times[row], at the beginning of an array of the pool's. */
  row(row: number): Float64Array;
}

interface Samples {
  readonly refs: Uint32Array;
  readonly values: Float64Array;
  readonly count: number;
}

/** Undefined when the samples are not `refs.length` series with the same ascending times each. */
export function rectangleOf(
  { refs, values, count }: Samples,
  times: Float64Array,
  pool: ValuesPool,
): Rectangle | undefined {
  let rows = 1;
  while (rows < count && refs[rows] === refs[0]) rows++;
  if (count % rows !== 0) return undefined;
  const columns = count / rows;
  for (let row = 1; row < rows; row++) if (times[row]! <= times[row - 1]!) return undefined;
  const own = new Uint32Array(columns);
  for (let column = 0, at = 0; column < columns; column++) {
    const ref = refs[at]!;
    own[column] = ref;
    for (let row = 0; row < rows; row++, at++)
      if (refs[at] !== ref || times[at] !== times[row]) return undefined;
  }
  return {
    refs: own,
    times: times.slice(0, rows),
    row: (row) => {
      const cut = pool.take(columns);
      for (let column = 0, at = row; column < columns; column++, at += rows) cut[column] = values[at]!;
      return cut;
    },
  };
}
