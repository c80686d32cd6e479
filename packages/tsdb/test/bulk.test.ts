import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { all, caughtUp, labelsOf, open, tempFolder } from './helpers.ts';

const SERIES = 30;

/** Times and values of each series. */
async function found(store: Awaited<ReturnType<typeof open>>): Promise<number[][][]> {
  const data = await all(store, 'm');
  return Array.from({ length: SERIES }, (_, i) => {
    const one = data.find(({ labels }) => labels.get('i') === String(i))!;
    return Array.from(one.timestamps, (timeMs, k) => [timeMs, one.values[k]!]);
  });
}

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
  expect(await found(store)).toEqual(expected);
  await clock.advance(660_000);
  await caughtUp(store, 0);
  await store.close();
  expect(await found(await open(dir, clock))).toEqual(expected);
});

it('writes again into arrays of commits that are on their way, and not of those that wait', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock);
  const expected = Array.from({ length: SERIES }, () => [] as [number, number][]);
  const startMs = clock.now() - 3_600_000;
  const commit = (at: number, rows: number, isWanted = true): void => {
    const appender = store.appender();
    for (let i = 0; i < SERIES; i++) {
      const ref = appender.series(labelsOf('m', i));
      for (let row = 0; row < rows; row++) {
        const [timeMs, value] = [startMs + (at + row) * 15_000, i * 1000 + at + row + (isWanted ? 0 : 0.5)];
        expect(appender.append(ref, timeMs, value)).toBe('ok');
        if (isWanted) expected[i]!.push([timeMs, value]);
      }
    }
    if (isWanted) appender.commit();
    else appender.rollback();
  };
  // Four commits wait for each flush, of one time and of many; one more is taken back.
  for (let group = 0; group < 5; group++) {
    const at = group * 20;
    commit(at, 7);
    commit(at + 7, 9, false);
    commit(at + 7, 1);
    commit(at + 8, 1);
    commit(at + 9, 6);
    await store.flush();
  }
  await store.close();
  expect(await found(await open(dir, clock))).toEqual(expected);
});
