import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { ManualClock, seededRandom } from '@watchroom/testkit';
import { describe, expect, it, vi } from 'vitest';
import { FORMAT_VERSION } from '../src/disk/sqlite.ts';
import { packedSpan } from '../src/head/wal-record.ts';
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

function newerHeader(path: string): void {
  const bytes = readFileSync(path);
  bytes.writeUInt32BE(FORMAT_VERSION + 1, 60);
  writeFileSync(path, bytes);
}

/** A copy of the folder as a kill -9 leaves it: blocks in journals, write-ahead rows of sealed segments deleted. */
async function killed(dir: string, clock: ManualClock) {
  const source = tempFolder();
  const store = await open(source, clock, { chunkRows: 20 });
  const random = seededRandom(5);
  for (let k = 0; k < 300; k++) {
    scrape(
      store,
      'm',
      clock.now(),
      Array.from({ length: SERIES }, () => random()),
    );
    await clock.advance(1000);
    if (k % 20 === 0) await caughtUp(store, 45 * SERIES);
  }
  await caughtUp(store, 25 * SERIES);
  for (const file of readdirSync(source).filter(
    (name) => name.startsWith('chunks') || name.startsWith('head') || name === 'heartbeat',
  ))
    copyFileSync(join(source, file), join(dir, file));
  const times = (await all(store, 'm'))[0]!.timestamps.slice();
  await store.close();
  return times;
}

describe('a write-ahead row whose checksum does not fit', () => {
  interface WalRow {
    readonly seq: number;
    readonly segment: number;
    readonly time: number;
    readonly form: number;
  }

  const damages: [string, place: number, sql: string][] = [
    ['names a time days ahead', 0.5, 'time = time + (1 << 29)'],
    ['names a time of long ago', 0.5, 'time = time - (1 << 29)'],
    ['names a time that is a little off', 0.5, 'time = time - 4096'],
    ['names a segment that is a block', 0.5, 'segment = (SELECT min(segment) FROM blocks)'],
    ['names a segment that nobody knows', 0.5, 'segment = segment + 4096'],
    ['is the first and names another time', 0, 'time = time + (1 << 29)'],
    ['is the last and names another time', 1, 'time = time + (1 << 29)'],
    ['has other data', 0.5, 'data = zeroblob(length(data))'],
  ];

  it.each(damages)('is told with when it was written, if it %s', async (_, place, sql) => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const total = await filled(dir, clock);
    const db = new DatabaseSync(join(dir, 'head.db'));
    const rows = db
      .prepare('SELECT seq, segment, time, form FROM wal ORDER BY seq')
      .all() as unknown as WalRow[];
    const row = rows[Math.round(place * (rows.length - 1))]!;
    db.exec(`UPDATE wal SET ${sql} WHERE seq = ${row.seq}`);
    db.close();
    const { samples, problems } = await samplesIn(dir, clock);
    expect(samples).toBeLessThan(total);
    expect(problems).toHaveLength(1);
    const { lostFromMs, lostToMs } = problems[0]!;
    expect(lostFromMs).toBeLessThanOrEqual(row.time - (packedSpan(row.form) ?? 0));
    expect(lostToMs).toBeGreaterThanOrEqual(row.time);
    // Before the first row nobody knows of any time: rows are written for two hours at most.
    expect(lostToMs! - lostFromMs!).toBeLessThan(120_000 + (place === 0 ? 7_200_000 : 0));
  });

  it('is told with when it was written, if it is the first of some that were written minutes apart', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const store = await open(dir, clock);
    const firstMs = clock.now();
    for (let k = 0; k < 12; k++) {
      scrape(store, 'm', clock.now(), [k]);
      await clock.advance(300_000);
    }
    await store.close();
    const db = new DatabaseSync(join(dir, 'head.db'));
    db.exec('UPDATE wal SET time = time + (1 << 31) WHERE seq = (SELECT min(seq) FROM wal)');
    db.close();
    const { problems } = await samplesIn(dir, clock);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.lostFromMs).toBeLessThanOrEqual(firstMs);
  });

  it('is told with all that the head may hold when no sound row is near', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    await filled(dir, clock);
    const db = new DatabaseSync(join(dir, 'head.db'));
    db.exec(`DELETE FROM wal WHERE seq < (SELECT max(seq) FROM wal);
             UPDATE wal SET time = time + (1 << 29)`);
    db.close();
    const { problems } = await samplesIn(dir, clock);
    const aliveMs = clock.now() - 1000;
    expect(problems.at(-1)!.lostFromMs).toBeLessThanOrEqual(aliveMs - 30_000);
    expect(problems.at(-1)!.lostToMs).toBeGreaterThanOrEqual(aliveMs);
    expect(problems.at(-1)!.lostToMs).toBeLessThan(aliveMs + 60_000);
  });
});

describe('samples whose columns are lost', () => {
  const ofNewest = 'WHERE segment = (SELECT max(segment) FROM columns)';
  const damages = [
    ['name another segment', 'UPDATE columns SET segment = segment + 4096'],
    ['say another place', 'UPDATE columns SET first = first + 1024'],
    ['are gone', 'DELETE FROM columns'],
  ] as const;

  it.each(damages)('are told of, once, if they %s', async (_, sql) => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const total = await filled(dir, clock);
    const db = new DatabaseSync(join(dir, 'head.db'));
    db.exec(`${sql} ${ofNewest}`);
    db.close();
    const first = await samplesIn(dir, clock);
    const lost = (total - first.samples) / SERIES;
    expect(lost).toBeGreaterThan(1);
    const lastMs = clock.now() - 1000;
    expect(first.problems).toMatchObject([{ lostFromMs: lastMs - (lost - 1) * 1000, lostToMs: lastMs }]);
    await first.store.close();
    const second = await samplesIn(dir, clock);
    expect([second.problems, second.samples]).toEqual([[], first.samples]);
  });
});

it('tells once that labels are lost, and keeps the others', async () => {
  const dir = tempFolder();
  const clock = new ManualClock();
  const total = await filled(dir, clock, 30);
  const db = new DatabaseSync(join(dir, 'head.db'));
  db.exec('DELETE FROM series');
  db.close();
  const first = await samplesIn(dir, clock);
  expect(first.problems.map(({ reason }) => reason).join()).toContain('damaged rows');
  // The newest samples of each series were in the head alone.
  const lost = (total - first.samples) / SERIES;
  expect(lost).toBeGreaterThan(1);
  const lastMs = clock.now() - 1000;
  expect(first.problems[0]).toMatchObject({ lostFromMs: lastMs - (lost - 1) * 1000, lostToMs: lastMs });
  await first.store.close();
  const second = await samplesIn(dir, clock);
  expect([second.problems, second.samples]).toEqual([[], first.samples]);
});

describe('blocks of a killed server', () => {
  const WAL = 'chunks-000001.db-wal';
  const harm: [string, (dir: string) => void][] = [
    ['without the journal', (dir) => rmSync(join(dir, WAL))],
    ['with an empty journal', (dir) => truncateSync(join(dir, WAL), 0)],
    [
      'with half the journal',
      (dir) => truncateSync(join(dir, WAL), Math.floor(readFileSync(join(dir, WAL)).length / 2)),
    ],
    ['with flipped bytes in the journal', (dir) => flip(join(dir, WAL), 20_000, 16)],
    ['without the database', (dir) => rmSync(join(dir, 'chunks-000001.db'))],
    [
      'without database and journals',
      (dir) => {
        for (const side of ['', '-wal', '-shm'])
          rmSync(join(dir, `chunks-000001.db${side}`), { force: true });
      },
    ],
    ['with an empty database', (dir) => truncateSync(join(dir, 'chunks-000001.db'), 0)],
  ];

  it.each(harm)('%s: every lost sample lies in a reported span', async (_, damage) => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const written = await killed(dir, clock);
    damage(dir);
    const store = await open(dir, clock, { chunkRows: 20 });
    const kept = new Set((await all(store, 'm'))[0]?.timestamps ?? []);
    const lost = [...written].filter((time) => !kept.has(time));
    expect(lost.length).toBeGreaterThan(0);
    const spans = store
      .problems()
      .filter(({ lostFromMs, lostToMs }) => lostFromMs !== undefined && lostToMs !== undefined);
    const silent = lost.filter(
      (time) => !spans.some((span) => span.lostFromMs! <= time && time <= span.lostToMs!),
    );
    expect(silent).toEqual([]);
    // What follows is written and read as ever, and the loss is told once.
    for (let k = 0; k < 60; k++) {
      scrape(store, 'm', clock.now(), new Array<number>(SERIES).fill(k));
      await clock.advance(1000);
    }
    await caughtUp(store, 30 * SERIES);
    const after = (await all(store, 'm'))[0]!.timestamps.length;
    expect(after).toBe(kept.size + 60);
    await store.close();
    const again = await open(dir, clock, { chunkRows: 20 });
    expect(again.problems()).toEqual([]);
    expect((await all(again, 'm'))[0]!.timestamps.length).toBe(after);
  });

  it('untouched: nothing is lost and nothing is reported, also by retention', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const written = await killed(dir, clock);
    const store = await open(dir, clock, { chunkRows: 20 });
    expect(store.problems()).toEqual([]);
    expect((await all(store, 'm'))[0]!.timestamps).toEqual(written);
    store.setRetention({ retentionMs: 1000, maxBytes: 1e9 });
    await clock.advance(20_000);
    await vi.waitFor(() => expect(existsSync(join(dir, 'chunks-000001.db'))).toBe(false));
    await store.close();
    expect((await open(dir, clock)).problems()).toEqual([]);
  });
});

it.each(['head.db-wal', 'head.db'])(
  'tells once that %s is missing, though nothing is written then',
  async (name) => {
    const dir = tempFolder();
    const clock = new ManualClock();
    await killed(dir, clock);
    rmSync(join(dir, name));
    const first = await samplesIn(dir, clock);
    expect(first.problems.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/the journal ends at record \d+, but \d+ had been written|the file is missing/),
    ]);
    await first.store.close();
    const aside = () =>
      readdirSync(dir, { recursive: true }).filter((file) => String(file).startsWith('damaged'));
    const copies = aside();
    const second = await samplesIn(dir, clock);
    expect(second.problems).toEqual([]);
    expect(second.samples).toBe(first.samples);
    await second.store.close();
    expect(aside()).toEqual(copies);
  },
);

describe('the folder', () => {
  it('is for one process', async () => {
    const dir = tempFolder();
    const store = await open(dir);
    await expect(open(dir)).rejects.toThrow(new RegExp(`${dir} is in use by process ${process.pid}`));
    await store.close();
    await (await open(dir)).close();
  });

  it.each([
    ['in a header', true, 'absent'],
    ['in the file of its own', false, 'newer'],
    ['in both', true, 'newer'],
  ])('of a newer version, %s, is left alone', async (_, header, file) => {
    const dir = tempFolder();
    await filled(dir, new ManualClock(), 30);
    if (header) newerHeader(join(dir, 'head.db'));
    if (file === 'absent') rmSync(join(dir, 'format'));
    else {
      const version = String(FORMAT_VERSION + 1);
      writeFileSync(join(dir, 'format'), `${version} ${crc32(version).toString(16)}\n`);
    }
    const before = readdirSync(dir).map((name) => [name, readFileSync(join(dir, name)).toString('hex')]);
    const failed = await open(dir).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StoreError);
    expect(failed).toHaveProperty('code', 'newer_format');
    const after = readdirSync(dir).map((name) => [name, readFileSync(join(dir, name)).toString('hex')]);
    expect(after).toEqual(before);
  });

  it('with a damaged version in a header is used as before', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const total = await filled(dir, clock, 60);
    newerHeader(join(dir, 'head.db'));
    newerHeader(join(dir, 'chunks-000001.db'));
    const { samples, problems } = await samplesIn(dir, clock);
    expect([samples, problems]).toEqual([total, []]);
  });

  it('with a damaged lock or without one is opened', async () => {
    const dir = tempFolder();
    await filled(dir, new ManualClock(), 30);
    writeFileSync(join(dir, 'lock'), Buffer.alloc(4_096, 7));
    await (await open(dir)).close();
    rmSync(join(dir, 'lock'));
    await (await open(dir)).close();
  });

  it('that was not closed says so in the log, with the time from which on samples may be lost', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const times = await killed(dir, clock);
    writeFileSync(join(dir, 'pid'), '1\n');
    const lines: string[] = [];
    const log = { info: () => {}, warn: (line: string) => void lines.push(line), error: () => {} };
    await (await open(dir, clock, { log })).close();
    // The thread that writes notes twice a second that it is alive; how far it had come when it was ended is up to the machine.
    const fromMs = Date.parse(/is lost: (\S+) to/.exec(lines.join())![1]!);
    expect(fromMs).toBeGreaterThanOrEqual(times.at(-1)!);
    expect(fromMs).toBeLessThanOrEqual(times.at(-1)! + 1000);
    await (await open(dir, clock, { log })).close();
    expect(lines).toHaveLength(1);
  });

  it('that cannot be written gives one clear error', async () => {
    const dir = tempFolder();
    writeFileSync(join(dir, 'file'), '');
    await expect(open(join(dir, 'file', 'data'))).rejects.toThrow(/cannot write to the data folder/);
    expect(existsSync(join(dir, 'file', 'data'))).toBe(false);
  });
});

describe('files that cannot be opened for a reason that is not in them', () => {
  /** As a kill leaves it, with all of head.db in its journal; a link to nowhere in the place of its index cannot be opened. */
  async function killed(clock: ManualClock): Promise<string> {
    const source = tempFolder();
    const store = await open(source, clock, { chunkRows: 20 });
    for (let k = 0; k < 300; k++) {
      const values = Array.from({ length: SERIES }, (_, i) => k + i);
      scrape(store, 'm', clock.now(), values);
      await clock.advance(1000);
    }
    await caughtUp(store, 25 * SERIES);
    await store.flush();
    const dir = tempFolder();
    for (const file of readdirSync(source))
      if (!file.endsWith('-shm') && file !== 'lock') copyFileSync(join(source, file), join(dir, file));
    await store.close();
    return dir;
  }

  const bytesIn = (dir: string) =>
    readdirSync(dir)
      .filter((file) => file.includes('.db') && !file.endsWith('-shm'))
      .map((file) => [file, crc32(readFileSync(join(dir, file)))]);

  it.each(['head.db', 'chunks-000001.db'])('%s stays where it is, and opens later', async (name) => {
    const clock = new ManualClock();
    const dir = await killed(clock);
    const before = bytesIn(dir);
    symlinkSync('/nonexistent/index', join(dir, `${name}-shm`));
    await expect(open(dir, clock, { chunkRows: 20 })).rejects.toThrow(
      /unable to open database file.*left as it is/s,
    );
    await expect(open(dir, clock, { chunkRows: 20 })).rejects.toThrow(StoreError);
    rmSync(join(dir, `${name}-shm`));
    expect(existsSync(join(dir, 'damaged'))).toBe(false);
    if (name === 'head.db') expect(bytesIn(dir)).toEqual(before);
    const { store, samples, problems } = await samplesIn(dir, clock);
    expect([samples, problems]).toEqual([300 * SERIES, []]);
    await store.close();
  });

  it('has all of a head.db that was written anew and not yet put in its place', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const total = await filled(dir, clock);
    renameSync(join(dir, 'head.db'), join(dir, 'head.db.new'));
    const { store, samples, problems } = await samplesIn(dir, clock);
    expect([samples, problems]).toEqual([total, []]);
    await store.close();
  });

  it('has nothing of a head.db that was half written anew beside the old one', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const total = await filled(dir, clock);
    writeFileSync(join(dir, 'head.db.new'), 'half');
    const { store, samples, problems } = await samplesIn(dir, clock);
    expect([samples, problems, existsSync(join(dir, 'head.db.new'))]).toEqual([total, [], false]);
    await store.close();
  });
});
