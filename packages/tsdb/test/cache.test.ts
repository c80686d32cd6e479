import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { all, caughtUp, open, scrape, tempFolder } from './helpers.ts';

it('keeps of what live queries read only what they still ask for', async () => {
  const clock = new ManualClock();
  const store = await open(tempFolder(), clock, { chunkRows: 10 });
  const values = Array.from({ length: 50 }, (_, i) => i);
  const cacheBytes: number[] = [];
  for (let minute = 0; minute < 24; minute++) {
    for (let i = 0; i < 6; i++) {
      await clock.advance(10_000);
      scrape(store, 'm', clock.now(), values);
    }
    await caughtUp(store, 600);
    await all(store, 'm', clock.now() - 120_000, clock.now());
    cacheBytes.push(store.stats().cacheBytes);
  }
  expect(cacheBytes.at(-1)).toBeGreaterThan(0);
  // Some more or less, as the writing thread is ahead or behind; without an end it would be three times as much.
  expect(Math.max(...cacheBytes.slice(-4))).toBeLessThanOrEqual(2 * Math.max(...cacheBytes.slice(4, 8)));
  await clock.advance(3_600_000);
  await all(store, 'm', clock.now() - 3_720_000, clock.now());
  expect(store.stats().cacheBytes).toBeLessThanOrEqual(Math.max(...cacheBytes));
  await clock.advance(180_000);
  expect(store.stats().cacheBytes).toBe(0);
});
