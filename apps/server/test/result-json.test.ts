import { Labels, type NativeHistogram } from '@watchroom/model';
import type { QueryResult } from '@watchroom/promql';
import { seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { jsonValue, PIECE_BYTES } from '../src/http/prometheus/byte-writer.ts';
import { resultPieces } from '../src/http/prometheus/result-json.ts';

const stats = { samples: 0, series: 0, queueMs: 0, evalMs: 0 };

function answerOf(value: QueryResult['value'], limit = Number.POSITIVE_INFINITY): Buffer[] {
  return [...resultPieces({ value, warnings: [], infos: [], stats }, { limit })];
}

function textOf(value: QueryResult['value']): string {
  return Buffer.concat(answerOf(value)).toString();
}

/** What stands for one value in a vector. */
function written(value: number): string {
  const text = textOf({ type: 'vector', samples: [{ labels: Labels.EMPTY, timeMs: 0, value }] });
  return /"value":\[0,"([^"]*)"\]/.exec(text)?.[1] ?? text;
}

describe('values', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [1e15, '1000000000000000'],
    [999_999_999_999_999, '999999999999999'],
    [123_456_789_012_345_680, '123456789012345680'],
    [1e21, '1e+21'],
    [-1e22, '-1e+22'],
    [1e-6, '0.000001'],
    [1e-7, '1e-07'],
    [1.5e-10, '1.5e-10'],
    [5e-324, '5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [0.1 + 0.2, '0.30000000000000004'],
    [-12.5, '-12.5'],
    [100.000001, '100.000001'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('%d', (value, text) => {
    expect(written(value)).toBe(text);
  });

  it('digit by digit they are what the shortest form is', () => {
    const random = seededRandom(7);
    const kinds = [
      () => Math.floor(random() * 10 ** Math.floor(random() * 17)),
      () => Math.round(random() * 10 ** Math.floor(random() * 12)) / 10 ** Math.floor(random() * 9),
      () => random() * 10 ** (Math.floor(random() * 40) - 20),
      () => -random(),
    ];
    for (let i = 0; i < 40_000; i++) {
      const value = kinds[i % kinds.length]!();
      if (written(value) !== jsonValue(value)) expect(written(value)).toBe(jsonValue(value));
    }
  });

  it.each([
    [0, '0'],
    [1, '0.001'],
    [-1500, '-1.500'],
    [1_780_000_000_050, '1780000000.050'],
    [8.64e15, '8640000000000'],
  ])('time %d ms', (timeMs, text) => {
    expect(textOf({ type: 'scalar', timeMs, value: 1e22 })).toBe(
      `{"status":"success","data":{"resultType":"scalar","result":[${text},"10000000000000000000000"]}}`,
    );
  });
});

describe('answers', () => {
  it('a large matrix comes in pieces that make one document', () => {
    const timestamps = Float64Array.from({ length: 3000 }, (_, i) => i * 500);
    const series = Array.from({ length: 40 }, (_, s) => ({
      labels: Labels.fromObject({ __name__: 'm', text: `ü"\\${'x'.repeat(s * 3000)}` }),
      timestamps,
      values: timestamps.map((t) => t * s + 0.25),
    }));
    const pieces = answerOf({ type: 'matrix', series });
    expect(pieces.length).toBeGreaterThan(20);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(2 * PIECE_BYTES + 200);
    const { data } = JSON.parse(Buffer.concat(pieces).toString()) as {
      data: { result: { metric: { text: string }; values: [number, string][] }[] };
    };
    data.result.forEach((one, s) => {
      expect(one.metric.text).toBe(series[s]!.labels.get('text'));
      expect(one.values.map(([t]) => t)).toEqual([...timestamps].map((t) => t / 1000));
      expect(one.values.map(([, v]) => Number(v))).toEqual([...series[s]!.values]);
    });
  });

  it('limits series and says so', () => {
    const samples = [1, 2, 3].map((value) => ({
      labels: Labels.fromObject({ n: `${value}` }),
      timeMs: 0,
      value,
    }));
    const limited = JSON.parse(Buffer.concat(answerOf({ type: 'vector', samples }, 2)).toString()) as {
      data: { result: unknown[] };
      warnings: string[];
    };
    expect(limited.data.result).toHaveLength(2);
    expect(limited.warnings).toEqual(['results truncated due to limit']);
  });

  it('native histograms have their buckets with how the bounds count', () => {
    const histogram: NativeHistogram = {
      schema: 0,
      zeroThreshold: 0.001,
      zeroCount: 2,
      count: 9,
      sum: 1e-7,
      positiveSpans: [{ offset: 0, length: 3 }],
      positiveBuckets: [1, 0, 2],
      negativeSpans: [{ offset: 0, length: 1 }],
      negativeBuckets: [4],
      customBounds: [],
      resetHint: 'unknown',
    };
    const series = [
      {
        labels: Labels.EMPTY,
        timestamps: Float64Array.of(1000, 2000),
        values: Float64Array.of(5, 0),
        histograms: [undefined, histogram],
      },
    ];
    expect(JSON.parse(textOf({ type: 'matrix', series }))).toEqual({
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: {},
            values: [[1, '5']],
            histograms: [
              [
                2,
                {
                  count: '9',
                  sum: '1e-07',
                  buckets: [
                    [1, '-1', '-0.5', '4'],
                    [3, '-0.001', '0.001', '2'],
                    [0, '0.5', '1', '1'],
                    [0, '2', '4', '2'],
                  ],
                },
              ],
            ],
          },
        ],
      },
    });
  });
});
