import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32, zstdDecompressSync } from 'node:zlib';
import type { NativeHistogram } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { all, labelsOf, open, scrape, tempFolder } from './helpers.ts';

const START_MS = 1_700_000_000_000;
const SERIES = 30;

/** A closed folder: `groups` groups of five scrapes each, a second apart, in the write-ahead rows of one segment. */
async function filled(dir: string, groups: number): Promise<ManualClock> {
  const clock = new ManualClock(START_MS);
  const store = await open(dir, clock);
  for (let k = 0; k < groups * 5; k++) {
    scrape(
      store,
      'm',
      clock.now(),
      Array.from({ length: SERIES }, (_, i) => k + i / 8),
    );
    await clock.advance(10);
    if (k % 5 === 4) await store.flush();
  }
  await store.close();
  return clock;
}

function change(dir: string, run: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(join(dir, 'head.db'));
  run(db);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

async function read(dir: string, clock: ManualClock) {
  const store = await open(dir, clock);
  const found = await all(store, 'm');
  return { found, problems: store.problems() };
}

describe('commits that are written together', () => {
  it('hold native histograms, and read back after a clean stop and after a kill', async () => {
    const dir = tempFolder();
    const clock = new ManualClock(START_MS);
    const store = await open(dir, clock);
    const histogram = (k: number, i: number): NativeHistogram => ({
      schema: 0,
      zeroThreshold: 0,
      zeroCount: 0,
      count: k + i,
      sum: k - i / 8,
      positiveSpans: [{ offset: i, length: 1 }],
      positiveBuckets: [k + i],
      negativeSpans: [],
      negativeBuckets: [],
      customBounds: [],
      resetHint: 'unknown',
    });
    const expected: NativeHistogram[][] = Array.from({ length: SERIES }, () => []);
    for (let k = 0; k < 6; k++) {
      const appender = store.appender();
      for (let i = 0; i < SERIES; i++) {
        const ref = appender.series(labelsOf('m', i));
        expect(appender.appendHistogram(ref, clock.now(), histogram(k, i))).toBe('ok');
        expected[i]!.push(histogram(k, i));
      }
      appender.append(appender.series(labelsOf('f', 0)), clock.now(), k);
      appender.commit();
      await clock.advance(10);
      if (k % 3 === 2) await store.flush();
    }
    const killed = tempFolder();
    for (const name of readdirSync(dir))
      if (name !== 'lock') writeFileSync(join(killed, name), readFileSync(join(dir, name)));
    await store.close();
    for (const folder of [dir, killed]) {
      const { found, problems } = await read(folder, clock);
      expect(problems).toEqual([]);
      expect(found.map(({ histograms }) => histograms)).toEqual(expected);
    }
  });

  it('take far less than one by one, and read back', async () => {
    const dir = tempFolder();
    const clock = await filled(dir, 4);
    let bytes = 0;
    change(dir, (db) => {
      bytes = Number(db.prepare('SELECT sum(length(data)) AS bytes FROM wal').get()!['bytes']);
    });
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan((20 * SERIES * 8) / 2);
    const { found, problems } = await read(dir, clock);
    expect(problems).toEqual([]);
    expect(found).toHaveLength(SERIES);
    for (const [i, { values }] of found.entries())
      expect([...values]).toEqual(Array.from({ length: 20 }, (_, k) => k + i / 8));
  });

  it.each<[string, [fromMs: number, toMs: number], (db: DatabaseSync, seq: number) => void]>([
    [
      'a flipped byte',
      // It may be in the row's time: the rows around it tell when it was written.
      [0, 190],
      (db: DatabaseSync, seq: number) =>
        db.exec(`UPDATE wal SET data = substr(data, 1, 40) || x'00' || substr(data, 42) WHERE seq = ${seq}`),
    ],
    [
      'records that are cut',
      [50, 90],
      (db: DatabaseSync, seq: number) => {
        const row = db.prepare('SELECT segment, time, form, data FROM wal WHERE seq = ?').get(seq)!;
        const cut = (row['data'] as Uint8Array).slice(0, 60);
        const crc = crc32(cut, crc32(`${row['segment']} ${row['time']} ${row['form']}`));
        db.prepare('UPDATE wal SET data = ?, crc = ? WHERE seq = ?').run(cut, crc, seq);
      },
    ],
  ])('with %s are left out alone, and told with their span', async (_, [fromMs, toMs], damage) => {
    const dir = tempFolder();
    const clock = await filled(dir, 4);
    let second = 0;
    change(dir, (db) => {
      second = Number(db.prepare('SELECT seq FROM wal ORDER BY seq').all()[1]!['seq']);
      damage(db, second);
    });
    const { found, problems } = await read(dir, clock);
    expect(found.map(({ values }) => values.length)).toEqual(Array.from({ length: SERIES }, () => 15));
    expect(problems).toMatchObject([
      { reason: '1 damaged rows were left out', lostFromMs: START_MS + fromMs, lostToMs: START_MS + toMs },
    ]);
  });

  it('stand beside the plain labels of format 3', async () => {
    const dir = tempFolder();
    const clock = await filled(dir, 2);
    change(dir, (db) => {
      for (const { id, data } of db.prepare('SELECT id, data FROM series').all()) {
        const text = zstdDecompressSync(data as Uint8Array).toString();
        db.prepare('UPDATE series SET data = ?, crc = ? WHERE id = ?').run(text, crc32(text), id as number);
      }
      db.exec('PRAGMA user_version = 3');
    });
    const { found, problems } = await read(dir, clock);
    expect(problems).toEqual([]);
    expect(found.map(({ values }) => values.length)).toEqual(Array.from({ length: SERIES }, () => 10));
  });
});
