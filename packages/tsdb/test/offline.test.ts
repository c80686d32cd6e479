import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { Labels, Matcher, STALE } from '@watchroom/model';
import { ManualClock, seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { copyDataFolder, type StoreFault, type TimeSeriesStore, verifyFolder } from '../src/index.ts';
import { all, bitsOf, caughtUp, labelsOf, open, scrape, tempFolder } from './helpers.ts';

const EVER = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };

/** Blocks, rows of several forms, loose and late samples, histograms, exemplars, tombstones; not closed. */
async function filled(dir: string, clock: ManualClock): Promise<TimeSeriesStore> {
  const store = await open(dir, clock, { chunkRows: 20, outOfOrderWindowMs: 60_000 });
  const random = seededRandom(4);
  for (let k = 0; k < 90; k++) {
    scrape(
      store,
      'm',
      clock.now(),
      Array.from({ length: 200 }, () => (random() < 0.02 ? STALE : random())),
    );
    const appender = store.appender();
    const ref = appender.series(labelsOf('loose', k % 3));
    appender.append(ref, clock.now() - (k % 7 === 3 ? 4000 : 0), k);
    appender.appendExemplar(ref, {
      labels: Labels.fromObject({ trace_id: `t${k}` }),
      value: k,
      timeMs: clock.now(),
    });
    appender.appendHistogram(appender.series(labelsOf('h', 1)), clock.now(), histogramOf(k));
    appender.commit();
    await clock.advance(1000);
  }
  await store.deleteSeries([[new Matcher('i', '=', '5')]], EVER);
  await caughtUp(store, 45 * 200);
  expect(store.stats().chunks).toBeGreaterThan(1);
  return store;
}

function histogramOf(count: number) {
  const positiveSpans = [{ offset: 0, length: 2 }];
  const base = {
    schema: 1,
    zeroThreshold: 0.001,
    zeroCount: 0,
    customBounds: [],
    resetHint: 'unknown',
  } as const;
  return {
    ...base,
    count: count + 1,
    sum: count,
    positiveSpans,
    positiveBuckets: [1, count],
    negativeSpans: [],
    negativeBuckets: [],
  };
}

function faultsIn(dir: string): StoreFault[] {
  const faults: StoreFault[] = [];
  const { faults: count } = verifyFolder(dir, { fault: (fault) => faults.push(fault) });
  expect(count).toBe(faults.length);
  return faults;
}

async function contents(store: TimeSeriesStore): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of ['m', 'loose', 'h'])
    for (const { labels, timestamps, values } of await all(store, name))
      found.set(labels.key, Array.from(timestamps, (t, i) => `${t}:${bitsOf(values[i]!)}`).join(' '));
  return found;
}

describe('verify', () => {
  it('finds nothing in a sound folder, running or closed, and leaves no trace', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const store = await filled(dir, clock);
    expect(faultsIn(dir)).toEqual([]);
    await store.close();
    const names = readdirSync(dir).sort();
    chmodSync(dir, 0o555);
    const { samples, blocks, files } = verifyFolder(dir, { fault: (fault) => expect(fault).toBeUndefined() });
    chmodSync(dir, 0o755);
    expect(samples).toBe(90 * 200 + 90 * 2);
    expect([blocks > 1, files]).toEqual([true, 3]);
    expect(readdirSync(dir).sort()).toEqual(names);
  });

  it.each([
    ['head.db', 'wal', 'data'],
    ['head.db', 'series', 'data'],
    ['head.db', 'columns', 'refs'],
    ['head.db', 'exemplars', 'data'],
    ['chunks-000001.db', 'slices', 'data'],
    ['chunks-000001.db', 'layouts', 'series'],
  ])('names file, table and row of a flipped bit: %s, %s', async (name, table, column) => {
    const clock = new ManualClock();
    const dir = tempFolder();
    await (await filled(dir, clock)).close();
    const db = new DatabaseSync(join(dir, name));
    const row = db
      .prepare(`SELECT rowid AS id, ${column} AS bytes FROM ${table} ORDER BY rowid DESC LIMIT 1`)
      .get()!;
    const bytes = row['bytes'] as Uint8Array;
    bytes[bytes.length >> 1]! ^= 1;
    db.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(bytes, row['id']!);
    db.close();
    const faults = faultsIn(dir);
    expect(faults[0]).toMatchObject({ file: join(dir, name), message: 'the checksum does not fit' });
    expect(faults[0]!.place).toContain(`${table} row ${row['id']}`);
  });

  it('tells what does not fit together', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    await (await filled(dir, clock)).close();
    const chunks = new DatabaseSync(join(dir, 'chunks-000001.db'));
    chunks.exec('UPDATE blocks SET samples = samples + 1 WHERE id = 1; DELETE FROM blocks WHERE id = 2');
    chunks.close();
    const head = new DatabaseSync(join(dir, 'head.db'));
    head.exec(
      "DELETE FROM wal WHERE seq > (SELECT max(seq) - 3 FROM wal); DELETE FROM meta WHERE key = 'seq'",
    );
    head.close();
    const tombstones = readFileSync(join(dir, 'tombstones'));
    tombstones[tombstones.length - 1]! ^= 1;
    writeFileSync(join(dir, 'tombstones'), tombstones);
    const text = faultsIn(dir)
      .map(({ place, message }) => `${place}: ${message}`)
      .join('\n');
    expect(text).toMatch(/blocks row 1: it has \d+ samples and says \d+/);
    expect(text).toMatch(/slices: \d+ rows belong to no block/);
    expect(text).toMatch(/blocks row \(1, \d+\): chunk file 1 does not have the block of segment/);
    expect(text).toMatch(/wal: the last row is number \d+, but \d+ had been written/);
    expect(text).toMatch(/tombstones: frame 1: the checksum does not fit/);
  });
});

describe('a copy of a folder', () => {
  it('of a running store has what was on disk, opens without a word, and is sound', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const to = join(tempFolder(), 'backup');
    const store = await filled(dir, clock);
    await store.flush();
    const files: string[] = [];
    mkdirSync(`${to}.unfinished`);
    const copied = copyDataFolder(dir, to, (file) => files.push(file));
    expect(readdirSync(dirname(to)).sort()).toEqual(['backup', 'backup.unfinished']);
    expect(files.length).toBeGreaterThan(1);
    expect(copied.files).toBe(readdirSync(to).length);
    expect(faultsIn(to)).toEqual([]);
    const copy = await open(to, clock, { chunkRows: 20 });
    expect(await contents(copy)).toEqual(await contents(store));
    expect(copy.exemplars([[new Matcher('__name__', '=', 'loose')]], EVER)).toHaveLength(3);
    expect(copy.problems()).toEqual([]);
  });

  it('of a folder whose files retention deletes meanwhile misses nothing that is still there', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const to = join(tempFolder(), 'backup');
    const store = await filled(dir, clock);
    await store.snapshot();
    for (let k = 0; k < 60; k++) {
      scrape(
        store,
        'm',
        clock.now(),
        Array.from({ length: 200 }, () => k),
      );
      await clock.advance(1000);
    }
    await caughtUp(store, 45 * 200);
    expect(existsSync(join(dir, 'chunks-000002.db'))).toBe(true);
    await store.close();
    let dropped = false;
    copyDataFolder(dir, to, (file) => {
      if (dropped || !file.endsWith('chunks-000001.db')) return;
      dropped = true;
      // What retention does: the list first, then the file.
      const head = new DatabaseSync(join(dir, 'head.db'));
      head.exec('DELETE FROM blocks WHERE file = 1');
      head.close();
      for (const side of ['', '-wal', '-shm']) rmSync(`${file}${side}`, { force: true });
    });
    expect(faultsIn(to)).toEqual([]);
    const copy = await open(to, clock, { chunkRows: 20 });
    expect(copy.problems()).toEqual([]);
    expect((await contents(copy)).size).toBeGreaterThan(0);
  });

  it('has files that are made from chunk files too, and verify checks their rows', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    await (await filled(dir, clock)).close();
    const derived = join(dir, 'rollup-5m-000001.db');
    copyFileSync(join(dir, 'chunks-000001.db'), derived);
    const to = join(tempFolder(), 'backup');
    copyDataFolder(dir, to);
    expect(readdirSync(to)).toContain('rollup-5m-000001.db');
    expect(faultsIn(to)).toEqual([]);
    const db = new DatabaseSync(derived);
    db.exec('UPDATE slices SET crc = crc + 1 WHERE id = (SELECT min(id) FROM slices)');
    db.close();
    expect(faultsIn(dir)).toMatchObject([{ file: derived, message: 'the checksum does not fit' }]);
    const again = new DatabaseSync(derived);
    again.exec('UPDATE blocks SET deletions = 7 WHERE id = (SELECT min(id) FROM blocks)');
    again.close();
    expect(faultsIn(dir).map(({ place }) => place.replace(/\d+/, 'n'))).toEqual([
      'blocks row n',
      'slices row n',
    ]);
  });

  it('of a folder with a chunk file that has lost its end is made all the same, and verify tells', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    await (await filled(dir, clock)).close();
    const path = join(dir, 'chunks-000001.db');
    truncateSync(path, Math.floor(readFileSync(path).length / 3));
    const to = join(tempFolder(), 'backup');
    copyDataFolder(dir, to);
    expect(readdirSync(to)).toContain('chunks-000001.db');
    expect(faultsIn(to).length).toBeGreaterThan(0);
    const copy = await open(to, clock, { chunkRows: 20 });
    expect(copy.problems().length).toBeGreaterThan(0);
  });

  it('tells of a head.db that is gone, of a newer format, and of no folder of ours at all', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    await (await filled(dir, clock)).close();
    const to = join(tempFolder(), 'backup');
    copyDataFolder(dir, to);
    rmSync(join(to, 'head.db'));
    expect(faultsIn(to)).toMatchObject([{ file: join(to, 'head.db'), place: 'file' }]);
    writeFileSync(join(to, 'format'), `99 ${crc32('99').toString(16)}\n`);
    expect(faultsIn(to)[0]).toMatchObject({
      place: 'format',
      message: expect.stringContaining('newer version'),
    });
    const empty = tempFolder();
    expect(faultsIn(empty)).toMatchObject([{ file: empty, place: 'folder' }]);
  });

  it('is refused where something is, or from where nothing is', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    await (await filled(dir, clock)).close();
    expect(() => copyDataFolder(dir, dir)).toThrow(/is there already/);
    expect(() => copyDataFolder(tempFolder(), join(tempFolder(), 'x'))).toThrow(/is not a data folder/);
  });
});
