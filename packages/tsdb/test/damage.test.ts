import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ManualClock, seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../src/index.ts';
import { all, caughtUp, open, scrape, tempFolder } from './helpers.ts';

const SERIES = 40;

/** A closed folder with blocks and write-ahead rows; gives the number of samples in it. */
async function filled(dir: string, clock: ManualClock, scrapes = 300): Promise<number> {
  const store = await open(dir, clock, { chunkRows: 20 });
  const random = seededRandom(5);
  for (let k = 0; k < scrapes; k++) {
    scrape(
      store,
      'm',
      clock.now(),
      Array.from({ length: SERIES }, () => random()),
    );
    await clock.advance(1000);
  }
  await caughtUp(store, 25 * SERIES);
  await store.close();
  return scrapes * SERIES;
}

async function samplesIn(dir: string, clock: ManualClock) {
  const store = await open(dir, clock, { chunkRows: 20 });
  const read = async () => (await all(store, 'm')).reduce((sum, data) => sum + data.values.length, 0);
  return { store, samples: await read(), problems: store.problems() };
}

function flip(path: string, at: number, count: number): void {
  const bytes = readFileSync(path);
  for (let i = 0; i < count; i++) bytes[(at + i) % bytes.length]! ^= 0x5a;
  writeFileSync(path, bytes);
}

describe('damaged files', () => {
  it('opens without head.db, keeps the blocks and says what is gone', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const total = await filled(dir, clock);
    rmSync(join(dir, 'head.db'));
    const { samples, problems } = await samplesIn(dir, clock);
    expect(samples).toBeGreaterThan(total * 0.8);
    expect(problems.map((problem) => problem.reason).join()).toContain('missing');
  });

  it.each(['head.db', 'chunks-000001.db'])('sets %s aside when it is not a database', async (name) => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const total = await filled(dir, clock);
    writeFileSync(join(dir, name), 'not a database at all, and long enough to be read as one'.repeat(100));
    const { store, samples, problems } = await samplesIn(dir, clock);
    expect(samples).toBeGreaterThan(0);
    expect(samples).toBeLessThan(total);
    expect(problems[0]?.file).toBe(join(dir, name));
    expect(readFileSync(problems[0]!.movedTo!, 'latin1')).toContain('not a database');
    await clock.advance(60_000);
    scrape(store, 'm', clock.now(), [1]);
    await store.flush();
    expect(store.stats().walPendingScrapes).toBe(0);
    expect(store.stats().lastFlushError).toBeUndefined();
  });

  it.each(['head.db', 'chunks-000001.db'])(
    'survives flipped bytes anywhere in %s',
    async (name) => {
      const source = tempFolder();
      const startMs = new ManualClock().now();
      const clock = new ManualClock(startMs);
      const total = await filled(source, clock);
      const random = seededRandom(3);
      for (let round = 0; round < 15; round++) {
        const dir = tempFolder();
        for (const file of readdirSync(source)) copyFileSync(join(source, file), join(dir, file));
        const size = readFileSync(join(dir, name)).length;
        flip(join(dir, name), Math.floor(random() * size), 1 + Math.floor(random() * 64));
        const { store, samples, problems } = await samplesIn(dir, clock);
        expect(samples).toBeLessThanOrEqual(total);
        if (samples < total) expect(problems.length, `round ${round}`).toBeGreaterThan(0);
        await store.close();
        const again = await samplesIn(dir, clock);
        expect(again.samples, `round ${round}, second opening`).toBe(samples);
        await again.store.close();
      }
    },
    90_000,
  );

  it.each(['head.db', 'chunks-000001.db'])(
    'survives a torn %s',
    async (name) => {
      const source = tempFolder();
      const clock = new ManualClock();
      const total = await filled(source, clock);
      for (const share of [0, 0.1, 0.5, 0.9, 0.999]) {
        const dir = tempFolder();
        for (const file of readdirSync(source)) copyFileSync(join(source, file), join(dir, file));
        truncateSync(join(dir, name), Math.floor(readFileSync(join(dir, name)).length * share));
        const { store, samples, problems } = await samplesIn(dir, clock);
        if (samples < total) expect(problems.length, `share ${share}`).toBeGreaterThan(0);
        await store.close();
      }
    },
    60_000,
  );
});

describe('the folder', () => {
  it('is for one process', async () => {
    const dir = tempFolder();
    const store = await open(dir);
    await expect(open(dir)).rejects.toThrow(new RegExp(`${dir} is in use by process ${process.pid}`));
    await store.close();
    await (await open(dir)).close();
  });

  it('of a newer version is left alone', async () => {
    const dir = tempFolder();
    await filled(dir, new ManualClock(), 30);
    const path = join(dir, 'head.db');
    const bytes = readFileSync(path);
    bytes.writeUInt32BE(2, 60);
    writeFileSync(path, bytes);
    const before = readdirSync(dir).map((name) => [name, readFileSync(join(dir, name)).toString('hex')]);
    const failed = await open(dir).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StoreError);
    expect(failed).toHaveProperty('code', 'newer_format');
    const after = readdirSync(dir).map((name) => [name, readFileSync(join(dir, name)).toString('hex')]);
    expect(after).toEqual(before);
  });

  it('that cannot be written gives one clear error', async () => {
    const dir = tempFolder();
    writeFileSync(join(dir, 'file'), '');
    await expect(open(join(dir, 'file', 'data'))).rejects.toThrow(/cannot write to the data folder/);
    expect(existsSync(join(dir, 'file', 'data'))).toBe(false);
  });
});
