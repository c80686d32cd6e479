import { STALE } from '@watchroom/model';
import { seededRandom } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { ABSENT, HISTOGRAM } from '../src/chunk/absent.ts';
import { BLOCK_ROWS, PackedCells } from '../src/head/packed-cells.ts';
import { ValuesPool } from '../src/head/values-pool.ts';
import { bitsOf } from './helpers.ts';

const random = seededRandom(5);
const whole = (below: number): number => Math.floor(random() * below);

/** Eight values of one column each: what a series may hold in eight rows. */
const COLUMNS: readonly (() => number[])[] = [
  () => new Array(BLOCK_ROWS).fill(whole(1e9) / 8),
  () => new Array(BLOCK_ROWS).fill([ABSENT, STALE, -0, Number.NaN, HISTOGRAM, -Infinity][whole(6)]!),
  ...[2, 255, 256, 257, 65_535, 65_536, 65_537, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40].map(
    (span) => () => {
      const lowest = whole(2 ** 50) * (random() < 0.5 ? -1 : 1);
      const values = Array.from({ length: BLOCK_ROWS }, () => lowest + whole(span));
      [values[whole(4)], values[4 + whole(4)]] = [lowest, lowest + span - 1];
      return values;
    },
  ),
  // One value that no difference tells.
  ...[-0, 0.5, STALE, ABSENT, Infinity, 2 ** 60, -(2 ** 60), 5e-324].map((odd) => () => {
    const values = Array.from({ length: BLOCK_ROWS }, () => whole(3));
    values[whole(BLOCK_ROWS)] = odd;
    return values;
  }),
  // Larger than all whole numbers that have neighbours.
  ...[2 ** 53, 2 ** 60, -(2 ** 53), 1e300].map((base) => () => {
    const values = Array.from({ length: BLOCK_ROWS }, (_, row) => base + row * 2 ** whole(12));
    return values;
  }),
  () => new Array(BLOCK_ROWS).fill(Infinity).map((value, row) => (row === 3 ? -Infinity : value)),
];

/** Columns of all kinds, and as many again that hardly take room, so that packing pays. */
function block(): Float64Array {
  const columns = COLUMNS.flatMap((make) => [make(), new Array<number>(BLOCK_ROWS).fill(1)]);
  return Float64Array.from(columns.sort(() => random() - 0.5).flat());
}

it('gives the bits of every cell back, one at a time, in a row, and all at once', () => {
  const pool = new ValuesPool(1 << 20, 1.25);
  for (let round = 0; round < 300; round++) {
    const cells = block();
    const columns = cells.length / BLOCK_ROWS;
    const packed = PackedCells.of(cells, columns, pool)!;
    expect(packed.byteLength).toBeLessThan(cells.byteLength * 1.25);
    for (let at = 0; at < cells.length; at++) {
      const found = packed.cell(Math.floor(at / BLOCK_ROWS), at % BLOCK_ROWS);
      if (bitsOf(found) !== bitsOf(cells[at]!)) expect.fail(`cell ${at}: ${found} instead of ${cells[at]}`);
    }
    const [column, from] = [whole(columns), whole(BLOCK_ROWS)];
    const some = new Float64Array(BLOCK_ROWS + 2).fill(-1);
    packed.read(column, from, BLOCK_ROWS, some, 1);
    const first = column * BLOCK_ROWS;
    const wanted = [-1, ...cells.slice(first + from, first + BLOCK_ROWS), ...new Array(from + 1).fill(-1)];
    expect([...some].map(bitsOf)).toEqual(wanted.map(bitsOf));
    const back = new Float64Array(cells.length + 3).fill(7);
    packed.unpack(back);
    expect([...back].map(bitsOf)).toEqual([...cells, 7, 7, 7].map(bitsOf));
    packed.release(pool);
  }
});

it('holds no sample in columns that have come since', () => {
  const packed = PackedCells.of(new Float64Array(4 * BLOCK_ROWS), 4, new ValuesPool(0))!;
  expect(bitsOf(packed.cell(4, 0))).toBe(bitsOf(ABSENT));
  const into = new Float64Array(3);
  packed.read(9, 2, 4, into, 1);
  expect([...into].map(bitsOf)).toEqual([0, ABSENT, ABSENT].map(bitsOf));
});
