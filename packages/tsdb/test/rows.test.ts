import { Labels, Matcher } from '@watchroom/model';
import { ManualClock, seededRandom } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { ABSENT_HIGH, ABSENT_LOW } from '../src/chunk/absent.ts';
import type { TimeSeriesStore } from '../src/index.ts';
import { open, tempFolder } from './helpers.ts';

/** Bits that the store uses as a mark. */
const MARK = new Float64Array(Uint32Array.of(ABSENT_LOW, ABSENT_HIGH).buffer)[0]!;

async function content(store: TimeSeriesStore): Promise<unknown[]> {
  const hints = { startMs: 0, endMs: 1e15, stepMs: 0, rangeMs: 0, func: '' };
  const found = await store.select([new Matcher('__name__', '=', 'm')], hints);
  return found.map(({ labels, timestamps, values }) => [
    labels.key,
    [...timestamps],
    [...values].map(String),
  ]);
}

it('rows are stored as their samples one by one are, and read back after a restart', async () => {
  const random = seededRandom(9);
  const clock = new ManualClock(1_700_000_000_000);
  const dirs = [tempFolder(), tempFolder()];
  const stores = await Promise.all(dirs.map((dir) => open(dir, clock, { chunkRows: 20 })));
  const labels = Array.from({ length: 60 }, (_, i) => Labels.fromObject({ __name__: 'm', i: String(i) }));
  let taken = 0;
  for (let round = 0; round < 150; round++) {
    await clock.advance(1000);
    // A target's series, now and then fewer, in another order, or at a time that is taken.
    const first = random() < 0.5 ? 0 : 30;
    let chosen = labels.slice(first, first + 30);
    const kind = random();
    if (kind < 0.1) chosen = chosen.filter(() => random() < 0.7);
    else if (kind < 0.15) chosen = [...chosen].reverse();
    const timeMs = clock.now() - (random() < 0.1 ? 1000 : 0);
    const values = Float64Array.from(chosen, () => (random() < 0.02 ? MARK : Math.floor(random() * 100)));
    const back = random() < 0.05;
    stores.forEach((store, side) => {
      const appender = store.appender();
      const refs = Uint32Array.from(chosen, (one) => appender.series(one));
      const isRow = side === 0 && appender.appendRow!(refs, timeMs, values);
      if (isRow) taken++;
      else for (let i = 0; i < refs.length; i++) appender.append(refs[i]!, timeMs, values[i]!);
      appender.append(appender.series(labels[59 - first]!), timeMs, 1);
      if (back) appender.rollback();
      else appender.commit();
    });
    if (round % 40 === 39) expect(await content(stores[0]!)).toEqual(await content(stores[1]!));
  }
  expect(taken).toBeGreaterThan(80);
  const before = await content(stores[1]!);
  expect(await content(stores[0]!)).toEqual(before);
  for (const store of stores) await store.close();
  expect(await content(await open(dirs[0]!, clock, { chunkRows: 20 }))).toEqual(before);
});
