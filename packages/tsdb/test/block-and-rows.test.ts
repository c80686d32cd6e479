/** A crash between the writing of a block and the deletion of its rows leaves both: which of the two counts. */
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { all, caughtUp, open, scrape, tempFolder } from './helpers.ts';

const SERIES = 300;
const IN_ROWS = 8;
const CHUNK_ROWS = 20;
const SCRAPES = 30;

/** A folder whose head.db has the first rows of a segment that is a block as well, of so many rows. */
async function crashed(clock: ManualClock): Promise<{ dir: string; inBlock: number }> {
  const [dir, before] = [tempFolder(), tempFolder()];
  const first = await open(dir, clock, { chunkRows: CHUNK_ROWS });
  for (let k = 0; k < IN_ROWS; k++) await scrapeOnce(first, clock);
  await first.close();
  copyFileSync(join(dir, 'head.db'), join(before, 'head.db'));
  const second = await open(dir, clock, { chunkRows: CHUNK_ROWS });
  for (let k = IN_ROWS; k < SCRAPES; k++) await scrapeOnce(second, clock);
  await caughtUp(second, SERIES * CHUNK_ROWS);
  const inBlock = SCRAPES - second.stats().headSamples / SERIES;
  expect(second.stats().chunks).toBe(1);
  await second.close();
  for (const name of ['head.db-wal', 'head.db-shm', 'heartbeat']) rmSync(join(dir, name), { force: true });
  copyFileSync(join(before, 'head.db'), join(dir, 'head.db'));
  return { dir, inBlock };
}

async function scrapeOnce(store: Awaited<ReturnType<typeof open>>, clock: ManualClock): Promise<void> {
  scrape(
    store,
    'm',
    clock.now(),
    Array.from({ length: SERIES }, (_, i) => i + (clock.now() % 1e6) / 1000),
  );
  await clock.advance(1000);
}

function harm(dir: string, sql: string): void {
  const db = new DatabaseSync(join(dir, 'chunks-000001.db'));
  expect(db.prepare(sql).run().changes).toBe(1);
  db.close();
}

/** How many samples each series has, which must be the same for all, with times that ascend. */
async function samplesEach(store: Awaited<ReturnType<typeof open>>): Promise<number> {
  const found = await all(store, 'm');
  expect(found).toHaveLength(SERIES);
  for (const { timestamps } of found)
    for (let k = 1; k < timestamps.length; k++) expect(timestamps[k]).toBeGreaterThan(timestamps[k - 1]!);
  const counts = new Set(found.map(({ timestamps }) => timestamps.length));
  expect(counts.size).toBe(1);
  return [...counts][0]!;
}

it('is the block, which may have more, when all of it can be read', async () => {
  const clock = new ManualClock();
  const { dir, inBlock } = await crashed(clock);
  const store = await open(dir, clock, { chunkRows: CHUNK_ROWS });
  expect(await samplesEach(store)).toBe(inBlock);
  expect(store.problems()).toEqual([]);
});

it.each([
  ['a slice', "UPDATE slices SET data = x'00' WHERE id = (SELECT max(id) FROM slices)"],
  ['a slice that is gone', 'DELETE FROM slices WHERE id = (SELECT max(id) FROM slices)'],
  ['its layout', 'UPDATE layouts SET crc = 0'],
])('is the rows when the block is damaged: %s', async (_, sql) => {
  const clock = new ManualClock();
  const { dir } = await crashed(clock);
  harm(dir, sql);
  const store = await open(dir, clock, { chunkRows: CHUNK_ROWS });
  expect(await samplesEach(store)).toBe(IN_ROWS);
  const reasons = store.problems().map(({ reason }) => reason);
  expect(reasons.at(-1)).toBe('block 1 is damaged; what head.db has of its samples is taken from there');
  expect(store.problems().at(-1)!.lostToMs).toBeGreaterThan(store.problems().at(-1)!.lostFromMs!);
  // The segment becomes a block once more, in a file of its own, and that one counts from then on.
  for (let k = 0; k < 2 * CHUNK_ROWS; k++) await scrapeOnce(store, clock);
  await caughtUp(store, SERIES * CHUNK_ROWS);
  await store.close();
  expect(existsSync(join(dir, 'chunks-000002.db'))).toBe(true);
  const again = await open(dir, clock, { chunkRows: CHUNK_ROWS });
  expect(await samplesEach(again)).toBe(IN_ROWS + 2 * CHUNK_ROWS);
});
