import { Labels } from '@watchroom/model';
import type { MatrixSeries } from '@watchroom/promql';
import { seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { resultPieces } from '../src/http/prometheus/result-json.ts';
import { appended } from '../src/range-cache/columns.ts';
import { textBytesOf } from '../src/range-cache/point-texts.ts';
import { bytesOf } from '../src/range-cache/splice.ts';

const NONE = new Float64Array(0);
const stats = { samples: 0, series: 0, queueMs: 0, evalMs: 0 };

function textOf(series: readonly MatrixSeries[]): string {
  const value = { type: 'matrix', series } as const;
  const limit = Number.POSITIVE_INFINITY;
  return Buffer.concat([...resultPieces({ value, warnings: [], infos: [], stats }, { limit })]).toString();
}

/** The same points in columns of their own. */
function afresh(series: readonly MatrixSeries[]): MatrixSeries[] {
  return series.map((one) => ({ ...one, timestamps: one.timestamps.slice(), values: one.values.slice() }));
}

function view(series: readonly MatrixSeries[], from: number, to: number): MatrixSeries[] {
  return series.map((one) => ({
    ...one,
    timestamps: one.timestamps.subarray(from, to),
    values: one.values.subarray(from, to),
  }));
}

/** Series whose points at these steps are of every kind of number; they share their times. */
function grown(
  series: readonly MatrixSeries[],
  from: number,
  to: number,
  random: () => number,
): MatrixSeries[] {
  const times = appended(
    series[0]!.timestamps,
    Float64Array.from({ length: to - from }, (_, i) => 1_780_000_000_000 + (from + i) * 500),
  );
  const kinds = [Number.NaN, -0, 0, 1e21, 1.5e-10, Number.POSITIVE_INFINITY, 1e15, 12.5];
  const number = (): number =>
    random() < 0.2
      ? kinds[Math.floor(random() * kinds.length)]!
      : (random() - 0.5) * 10 ** Math.floor(random() * 9);
  return series.map((one) => ({
    ...one,
    timestamps: times,
    values: appended(one.values, Float64Array.from({ length: to - from }, number)),
  }));
}

function start(count: number): MatrixSeries[] {
  return Array.from({ length: count }, (_, i) => ({
    labels: Labels.fromObject({ __name__: 'm', i: String(i) }),
    timestamps: NONE,
    values: NONE,
    histograms: undefined,
  }));
}

describe('the texts of points that come again', () => {
  it.each([1, 2, 3])('are what they are when written afresh, whatever part is shown (seed %i)', (seed) => {
    const random = seededRandom(seed);
    let all = start(12);
    let length = 0;
    for (let turn = 0; turn < 150; turn++) {
      const until = length + 1 + Math.floor(random() * (turn % 40 === 0 ? 400 : 5));
      all = grown(all, length, until, random);
      length = until;
      // Usually the latest points, as a dashboard asks for; now and then any.
      const [a, b] = [Math.floor(random() * length), Math.floor(random() * length)];
      const shown =
        random() < 0.8
          ? view(all, Math.max(0, length - 300), length)
          : view(all, Math.min(a, b), Math.max(a, b));
      expect(textOf(shown) === textOf(afresh(shown))).toBe(true);
    }
  });

  it('are right while two answers of the same columns are written by turns', () => {
    const all = grown(start(40), 0, 600, seededRandom(4));
    const pieces = (series: readonly MatrixSeries[]): Generator<Buffer, void> =>
      resultPieces(
        { value: { type: 'matrix', series }, warnings: [], infos: [], stats },
        { limit: Number.POSITIVE_INFINITY },
      );
    const shown = [view(all, 0, 500), view(all, 100, 600)] as const;
    textOf(view(all, 0, 1));
    const made: [Buffer[], Buffer[]] = [[], []];
    const running = shown.map(pieces);
    for (let going = 2; going > 0; ) {
      going = 0;
      running.forEach((one, k) => {
        const next = one.next();
        if (next.done) return;
        made[k]!.push(Buffer.from(next.value));
        going++;
      });
    }
    for (const k of [0, 1] as const)
      expect(Buffer.concat(made[k]).toString() === textOf(afresh(shown[k]))).toBe(true);
  });

  it('are kept the second time, and count as memory of the answer', () => {
    const all = grown(start(1), 0, 100, seededRandom(5));
    const before = bytesOf(all);
    const text = textOf(all);
    // Most columns are never written again.
    expect(textBytesOf(all[0]!.values)).toBe(0);
    expect(textOf(all)).toBe(text);
    const taken = textBytesOf(all[0]!.values);
    expect(taken).toBeGreaterThan(100 * 4);
    expect(bytesOf(all)).toBe(before + taken);
    // Nobody changes such a column; that the text stays shows that it was kept.
    all[0]!.values.fill(7);
    expect(textOf(all)).toBe(text);
  });

  it('are not kept of answers with more than 65,536 points', () => {
    const [most, more] = [64, 65].map((count) => grown(start(count), 0, 1024, seededRandom(7)));
    for (const all of [most!, more!]) for (let turn = 0; turn < 2; turn++) textOf(all);
    expect(textBytesOf(most![0]!.values)).toBeGreaterThan(1024 * 4);
    expect(textBytesOf(more![0]!.values)).toBe(0);
  });

  it('are not kept of columns that have not grown', () => {
    const all = afresh(grown(start(1), 0, 100, seededRandom(6)));
    textOf(all);
    textOf(all);
    expect(textBytesOf(all[0]!.values)).toBe(0);
  });
});
