import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { all, caughtUp, labelsOf, open, tempFolder } from './helpers.ts';

const SERIES = 30;

it('takes many samples of each series in one commit, at the same times and at others', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock, { chunkRows: 25 });
  const expected = Array.from({ length: SERIES }, () => [] as [number, number][]);
  const startMs = clock.now() - 3_600_000;
  for (let request = 0; request < 12; request++) {
    const appender = store.appender();
    for (let i = 0; i < SERIES; i++) {
      const ref = appender.series(labelsOf('m', i));
      // In two of the requests one series has times of its own, or one sample less.
      const rows = request === 5 && i === SERIES - 1 ? 9 : 10;
      for (let row = 0; row < rows; row++) {
        const shift = request === 7 && i === 4 ? 1 : 0;
        const timeMs = startMs + (request * 10 + row) * 15_000 + shift;
        const value = i * 1000 + request * 10 + row;
        expect(appender.append(ref, timeMs, value)).toBe('ok');
        expected[i]!.push([timeMs, value]);
      }
    }
    appender.commit();
  }
  const found = async (from: typeof store) => {
    const data = await all(from, 'm');
    return Array.from({ length: SERIES }, (_, i) => {
      const one = data.find(({ labels }) => labels.get('i') === String(i))!;
      return Array.from(one.timestamps, (timeMs, k) => [timeMs, one.values[k]!]);
    });
  };
  expect(await found(store)).toEqual(expected);
  await clock.advance(660_000);
  await caughtUp(store, 0);
  await store.close();
  expect(await found(await open(dir, clock))).toEqual(expected);
});
