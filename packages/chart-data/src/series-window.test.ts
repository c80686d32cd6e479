import { describe, expect, it } from 'vitest';
import { isNone, SeriesWindow } from './series-window.ts';
import type { WindowFrame } from './window-frame.ts';

const STEP = 1000;

function frame(parts: Partial<WindowFrame> & Pick<WindowFrame, 'kind' | 'fromMs' | 'toMs'>): WindowFrame {
  return { series: [], block: undefined, head: undefined, fedAtMs: undefined, ...parts };
}

const A = { key: 1, labels: { instance: 'a', job: 'x' } };
const B = { key: 2, labels: { instance: 'b', job: 'x' } };

function filled(): SeriesWindow {
  const window = new SeriesWindow({ windowMs: 4000, stepMs: STEP });
  window.apply(
    frame({
      kind: 'snapshot',
      fromMs: 1000,
      toMs: 5000,
      series: [A, B],
      block: {
        times: [1000, 2000, 3000, 4000, 5000],
        keys: [1, 2],
        values: [
          [1, 2, 3, 4, 5],
          [10, null, 'NaN', '+Inf', 50],
        ],
      },
      head: { timeMs: 5500, keys: [1], values: [5.5] },
      fedAtMs: 5600,
    }),
  );
  return window;
}

function rows(window: SeriesWindow): (number | null)[][] {
  return window.series.map(({ values }) => Array.from(values, (value) => (isNone(value) ? null : value)));
}

describe('SeriesWindow', () => {
  it('takes a snapshot in, telling none from NaN', () => {
    const window = filled();
    expect(Array.from(window.times)).toEqual([1000, 2000, 3000, 4000, 5000]);
    expect(rows(window)).toEqual([
      [1, 2, 3, 4, 5],
      [10, null, Number.NaN, Number.POSITIVE_INFINITY, 50],
    ]);
    expect(window.headMs).toBe(5500);
    expect(window.series.map(({ head }) => (isNone(head) ? null : head))).toEqual([5.5, null]);
    expect(window.fedAtMs).toBe(5600);
  });

  it('slides with deltas and replaces points by time', () => {
    const window = filled();
    window.apply(
      frame({
        kind: 'delta',
        fromMs: 2000,
        toMs: 6000,
        block: { times: [5000, 6000], keys: [1], values: [[55, 6]] },
      }),
    );
    expect([window.fromMs, window.toMs, window.length]).toEqual([2000, 6000, 5]);
    expect(rows(window)).toEqual([
      [2, 3, 4, 55, 6],
      [null, Number.NaN, Number.POSITIVE_INFINITY, 50, null],
    ]);
    expect(window.version).toBe(2);
  });

  it('keeps contiguous views over thousands of slides', () => {
    const window = filled();
    for (let toMs = 6000; toMs <= 5_000_000; toMs += STEP) {
      const block = { times: [toMs], keys: [1], values: [[toMs / STEP]] };
      window.apply(frame({ kind: 'delta', fromMs: toMs - 4000, toMs, block }));
    }
    expect(Array.from(window.times)).toEqual([4_996_000, 4_997_000, 4_998_000, 4_999_000, 5_000_000]);
    expect(rows(window)[0]).toEqual([4996, 4997, 4998, 4999, 5000]);
    expect(window.series[0]!.buffer.length).toBe(10);
  });

  it('starts anew when a frame lies beyond the window', () => {
    const window = filled();
    window.apply(frame({ kind: 'fill', fromMs: 100_000, toMs: 104_000, series: [{ ...A, key: 9 }] }));
    expect(Array.from(window.times)).toEqual([100_000, 101_000, 102_000, 103_000, 104_000]);
    expect(rows(window)[0]).toEqual([null, null, null, null, null]);
  });

  it('renames keys with a fill, and what the fill leaves out has no value at its times', () => {
    const window = filled();
    window.apply(
      frame({
        kind: 'fill',
        fromMs: 3000,
        toMs: 7000,
        series: [{ key: 2, labels: { job: 'x', instance: 'a' } }],
        block: { times: [5000, 6000, 7000], keys: [2], values: [[51, null, 71]] },
      }),
    );
    expect(rows(window)).toEqual([
      [3, 4, 51, null, 71],
      [Number.NaN, Number.POSITIVE_INFINITY, null, null, null],
    ]);
    window.apply(
      frame({
        kind: 'delta',
        fromMs: 4000,
        toMs: 8000,
        block: { times: [8000], keys: [1, 2], values: [[1], [2]] },
      }),
    );
    expect(rows(window)).toEqual([
      [4, 51, null, 71, 2],
      [Number.POSITIVE_INFINITY, null, null, null, null],
    ]);
  });

  it('lets a series go once nothing of it is left', () => {
    const window = filled();
    const [, b] = window.series;
    window.apply(
      frame({
        kind: 'delta',
        fromMs: 5000,
        toMs: 9000,
        removed: [2],
        head: { timeMs: 9500, keys: [1], values: [1] },
      }),
    );
    expect(window.series).toHaveLength(2);
    window.apply(frame({ kind: 'delta', fromMs: 6000, toMs: 10_000 }));
    expect(window.series.map(({ id }) => id)).not.toContain(b!.id);
    expect(window.byId(b!.id)).toBeUndefined();
  });

  it('holds only a head when the window has no length', () => {
    const window = new SeriesWindow({ windowMs: 0, stepMs: STEP });
    window.apply(
      frame({
        kind: 'snapshot',
        fromMs: 5000,
        toMs: 5000,
        series: [A],
        head: { timeMs: 5100, keys: [1], values: [7] },
      }),
    );
    expect([window.length, window.series[0]!.head, window.toMs]).toEqual([0, 7, 5000]);
  });

  it('passes over keys and times that it does not know', () => {
    const window = filled();
    window.apply(
      frame({
        kind: 'delta',
        fromMs: 1000,
        toMs: 5000,
        block: {
          times: [500, 1500],
          keys: [1, 99],
          values: [
            [1, 1],
            [1, 1],
          ],
        },
      }),
    );
    expect(rows(window)[0]).toEqual([1, 2, 3, 4, 5]);
  });
});
