import { Labels } from '@watchroom/model';
import { MemoryStore } from '@watchroom/testkit';
import { expect, test } from 'vitest';
import { Engine } from '../src/index.ts';

const QUERIES = [
  'a / b',
  'b - ignoring (side) a',
  'a > b',
  'a == bool b',
  'a * on (i) group_left (kind) info',
  'info * on (i) group_right () a',
  'a / on (i) sum by (i) (b)',
  'a ^ on (i) b',
  'a <= on (i, side) group_left () b',
];

/** Series by metric and i, with the samples at each of the times in seconds; undefined: none. */
const SERIES: readonly (readonly [string, string, readonly (number | undefined)[]])[] = [
  ['a', '1', [1, 2, 3, 4, 5, 6, 7]],
  ['a', '2', [9, 8, 7, undefined, undefined, 6, 5]],
  ['a', '3', [1, 1, 1, 1, Number.NaN, 1, 1]],
  ['b', '1', [2, 2, 2, 2, 2, 9, 9]],
  ['b', '2', [8, 8, 8, 8, 8, 8, 8]],
  ['b', '4', [1, 1, 1, 1, 1, 1, 1]],
  ['info', '1', [1, 1, 1, 1, 1, 1, 1]],
  ['info', '2', [1, 1, undefined, undefined, 1, 1, 1]],
];

function store(): MemoryStore {
  const found = new MemoryStore();
  for (const [name, i, values] of SERIES) {
    const extra: Record<string, string> = name === 'info' ? { kind: `kind ${i}` } : {};
    const samples = values.flatMap((value, at) =>
      value === undefined ? [] : [[at * 1_000, value] as const],
    );
    found.add(Labels.fromObject({ __name__: name, i, ...extra }), samples);
  }
  return found;
}

test.each(QUERIES)('%s has the same answer from an engine that has met its series before', async (query) => {
  const querier = store();
  const engine = new Engine({ lookbackMs: 500 });
  // There and back, so that series come and go, and stay while their values change.
  for (const at of [0, 1, 2, 2, 1, 3, 3, 4, 4, 5, 5, 6, 6, 0]) {
    const request = { query, timeMs: at * 1_000, querier };
    const { value } = await engine.instant(request);
    const fresh = await new Engine({ lookbackMs: 500 }).instant(request);
    expect(value, `at ${at} s`).toEqual(fresh.value);
  }
});

test('two series of one side that become alike are still an error', async () => {
  const querier = new MemoryStore();
  querier.add(Labels.fromObject({ __name__: 'a', i: '1', x: '1' }), [
    [0, 1],
    [1_000, 1],
    [2_000, 1],
  ]);
  querier.add(Labels.fromObject({ __name__: 'a', i: '1', x: '2' }), [[2_000, 1]]);
  querier.add(Labels.fromObject({ __name__: 'b', i: '1' }), [
    [0, 1],
    [1_000, 1],
    [2_000, 1],
  ]);
  const engine = new Engine({ lookbackMs: 500 });
  const query = 'a / on (i) b';
  for (const timeMs of [0, 1_000, 1_000]) {
    const { value } = await engine.instant({ query, timeMs, querier });
    expect(value).toMatchObject({ samples: [{ value: 1 }] });
  }
  await expect(engine.instant({ query, timeMs: 2_000, querier })).rejects.toThrow('many-to-one');
});
