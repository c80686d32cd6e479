import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels, Matcher, STALE, systemClock } from '@watchroom/model';
import { findPeer, ManualClock, seededRandom } from '@watchroom/testkit';
import { openStore, type TimeSeriesStore } from '@watchroom/tsdb';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { tsdbCommand } from '../src/cli/tsdb.ts';
import { printedBy } from './rule-peer.ts';

const folder = mkdtempSync(join(tmpdir(), 'watchroom-dump-'));
afterAll(() => rmSync(folder, { recursive: true }));

const startMs = Date.now() - 3_600_000;
const bits = new BigUint64Array(1);
const float = new Float64Array(bits.buffer);
function fromBits(word: bigint): number {
  bits[0] = word;
  return float[0]!;
}

async function store(dir: string): Promise<TimeSeriesStore> {
  const limits = { retentionMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };
  return await openStore({
    dir,
    clock: systemClock,
    ...limits,
    markStaleOnOpen: false,
    chunkRows: 30,
    outOfOrderWindowMs: 1e9,
  });
}

/** Lets everything become blocks, as time does. */
async function intoBlocks(dir: string): Promise<void> {
  const clock = new ManualClock(Date.now());
  const limits = { retentionMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };
  const opened = await openStore({ dir, clock, ...limits, markStaleOnOpen: false });
  await clock.advance(700_000);
  await vi.waitFor(
    async () => {
      await clock.advance(5_000);
      await opened.flush();
      expect(opened.stats()).toMatchObject({ headSamples: 0 });
    },
    { timeout: 20_000, interval: 2 },
  );
  expect(opened.stats().chunks).toBeGreaterThan(0);
  await opened.close();
}

/** Samples with their bits, by series. */
async function contents(dir: string): Promise<Map<string, string>> {
  const opened = await store(dir);
  const found = new Map<string, string>();
  const hints = {
    startMs: Number.NEGATIVE_INFINITY,
    endMs: Number.POSITIVE_INFINITY,
    stepMs: 0,
    rangeMs: 1,
    func: '',
  };
  for (const { labels, timestamps, values } of await opened.select(
    [new Matcher('__name__', '!=', '')],
    hints,
  )) {
    const words = new BigUint64Array(values.slice().buffer);
    found.set(labels.key, Array.from(timestamps, (t, i) => `${t}:${words[i]!.toString(16)}`).join(' '));
  }
  expect(opened.problems()).toEqual([]);
  await opened.close();
  return found;
}

const SPECIAL = [
  0,
  -0,
  1e300,
  5e-324,
  -1.5,
  Infinity,
  -Infinity,
  Number.NaN,
  STALE,
  1e21,
  123456789.125,
  0.1 + 0.2,
];

async function randomFolder(seed: number): Promise<string> {
  const random = seededRandom(seed);
  const dir = join(folder, `random-${seed}`);
  const opened = await store(dir);
  for (let k = 0; k < 200; k++) {
    const appender = opened.appender();
    for (let i = 0; i < 30; i++) {
      if (random() < 0.1) continue;
      const late = random() < 0.05 ? Math.floor(random() * 60_000) : 0;
      const labels = {
        __name__: i % 7 === 0 ? 'a metric: "ü"' : `m${i % 3}`,
        i: String(i),
        'odd.label': `a"b\\c\nd${i}`,
      };
      const value =
        random() < 0.3
          ? SPECIAL[Math.floor(random() * SPECIAL.length)]!
          : random() * 10 ** Math.floor(random() * 40 - 20);
      appender.append(appender.series(Labels.fromObject(labels)), startMs + k * 1003 - late, value);
    }
    appender.commit();
  }
  await opened.close();
  return dir;
}

const dumped = (dir: string, ...more: string[]) =>
  printedBy(() => tsdbCommand(['dump', '--data', dir, ...more]));
const imported = (dir: string, file: string) => printedBy(() => tsdbCommand(['import', '--data', dir, file]));

describe('tsdb dump and import', () => {
  it.each([1, 2])('give back every sample bit for bit (random store %i)', async (seed) => {
    const dir = await randomFolder(seed);
    const text = join(folder, `${seed}.om`);
    const { status, stderr } = await dumped(dir, '--output', text);
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^30 series, \d+ samples\n$/)]);
    expect(readFileSync(text, 'utf8')).toMatch(/\n# EOF\n$/);
    const copy = join(folder, `copy-${seed}`);
    expect((await imported(copy, text)).status).toBe(0);
    const expected = await contents(dir);
    expect(await contents(copy)).toEqual(expected);
    // And once more, into what is there.
    expect((await imported(copy, text)).status).toBe(0);
    expect(await contents(copy)).toEqual(expected);
    const again = join(folder, `${seed}-again.om`);
    await dumped(copy, '--output', again);
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(text, 'utf8'));
  });

  it('keep the payload of any NaN, and are read by promtool', async () => {
    const text = join(folder, 'nan.om');
    const lines = [
      'm{i="1"} NaN 1700000000.001',
      'm{i="1"} NaN 1700000000.500 # {nan_bits="7ff8000000000002"} NaN',
      'm{i="1"} NaN 1700000001 # {nan_bits="fff8dead00000001"} NaN',
      'm{i="1"} -0 1700000002.123',
      'm{i="1"} 1e+21 1700000003',
      '{"odd name","odd.label"="x\\"y\\\\z\\n"} +Inf 1700000000',
    ];
    writeFileSync(text, `${lines.join('\n')}\n# EOF\n`);
    const dir = join(folder, 'nan');
    expect(await imported(dir, text)).toMatchObject({
      status: 0,
      stderr: '2 series, 6 samples stored, 0 were there already\n',
    });
    const key = Labels.fromObject({ __name__: 'm', i: '1' }).key;
    expect((await contents(dir)).get(key)).toContain('1700000001000:fff8dead00000001');
    expect(fromBits(0xfff8dead00000001n)).toBeNaN();
    const out = join(folder, 'nan-out.om');
    await dumped(dir, '--output', out);
    expect(readFileSync(out, 'utf8').split('\n').slice(0, 5).sort()).toEqual(lines.slice(0, 5).sort());
    const promtool = findPeer('promtool', 3);
    if (!promtool) return console.log('dump-import: promtool 3 is absent: passing on');
    const blocks = join(folder, 'blocks');
    const { status, stderr } = spawnSync(
      promtool,
      ['tsdb', 'create-blocks-from', 'openmetrics', out, blocks],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, expect.any(String)]);
  });

  it('dump what is asked for, of deleted samples none', async () => {
    const dir = await randomFolder(3);
    const opened = await store(dir);
    await opened.deleteSeries([[new Matcher('i', '=', '1')]], {
      startMs: 0,
      endMs: Number.POSITIVE_INFINITY,
    });
    await opened.close();
    const out = join(folder, 'some.om');
    const [from, to] = [startMs + 20_000, startMs + 60_000];
    await dumped(
      dir,
      '--match',
      'm1',
      '--match',
      'm2{i="2"}',
      '--start',
      String(from / 1000),
      '--end',
      String(to / 1000),
      '--output',
      out,
    );
    const lines = readFileSync(out, 'utf8').split('\n').slice(0, -2);
    expect(new Set(lines.map((line) => /^(m\d)\{i="(\d+)"/.exec(line)?.slice(1).join(' ')))).toEqual(
      new Set(['m1 4', 'm1 10', 'm1 13', 'm1 16', 'm1 19', 'm1 22', 'm1 25', 'm2 2']),
    );
    const times = lines.map((line) => Number(/ (\d+(\.\d+)?)( #.*)?$/.exec(line)![1]) * 1000);
    expect([Math.min(...times) >= from, Math.max(...times) <= to + 0.5]).toEqual([true, true]);
  });

  it.each([
    [
      'm 1 1700000000\nm{ 2 1700000001\n# EOF\n',
      /broken\.om:2: expected label name, got .*: m\{ 2 1700000001\n1 samples before/,
    ],
    [
      'm 1 1700000000\nm 2\n# EOF\n',
      /broken\.om:2: expected timestamp for series got none; write it behind the value/,
    ],
    ['m 1 1700000000\n', /broken\.om:2: data does not end with # EOF/],
    [
      'm 1 1700000000\nm 2 1700000000\n# EOF\n',
      /broken\.om:2: another sample of the same series has the same time/,
    ],
    [
      'm 1 1700000000\nm 2 1700000010\nm 3 1700000000\n# EOF\n',
      /broken\.om:3: another sample of the same series has the same time/,
    ],
    // Below what was first, and up again.
    [
      'm 1 1700000010\nm 2 1700000020\nm 3 1700000000\nm 4 1700000010\n# EOF\n',
      /broken\.om:4: another sample of the same series has the same time/,
    ],
    // Twice at a time that is neither the first nor the newest.
    [
      'm 1 1700000000\nm 2 1700000020\nm 3 1700000010\nm 4 1700000010\n# EOF\n',
      /broken\.om:4: another sample of the same series has the same time/,
    ],
    ['m 1 -99999999999999\n# EOF\n', /broken\.om:1: the sample lies before all times that can be asked for/],
    ['m 1 99999999999\n# EOF\n', /broken\.om:1: the sample lies more than ten minutes in the future/],
    ['# EOF\nm 1 1700000000\n', /broken\.om:\d: unexpected data after # EOF/],
  ])('import names the line of a fault in %j', async (text, expected) => {
    const file = join(folder, 'broken.om');
    writeFileSync(file, text);
    const { status, stderr } = await imported(mkdtempSync(join(folder, 'broken-')), file);
    expect(status).toBe(1);
    expect(stderr).toMatch(expected);
  });

  it('import again what has become blocks: every sample counts once, and another value of one is named', async () => {
    const dir = join(folder, 'sealed');
    const text = join(folder, 'sealed.om');
    // Enough for blocks, and series that end at times of their own.
    const lines: string[] = [];
    for (let i = 0; i < 20; i++)
      for (let k = 0; k < 1_500 - i; k++)
        lines.push(
          `m{i="${i}"} ${i % 3 === 0 ? 'NaN' : k * i} ${(startMs + k * 15_000 - 40_000_000) / 1000}`,
        );
    writeFileSync(text, `${lines.join('\n')}\n# EOF\n`);
    const told = (stored: number, known: number) =>
      `20 series, ${stored} samples stored, ${known} were there already\n`;
    expect(await imported(dir, text)).toMatchObject({ status: 0, stderr: told(lines.length, 0) });
    await intoBlocks(dir);
    expect(await imported(dir, text)).toMatchObject({ status: 0, stderr: told(0, lines.length) });
    const expected = await contents(dir);
    const changed = lines.slice();
    changed[700] = changed[700]!.replace(/ \S+ /, ' 12345 ');
    writeFileSync(text, `${changed.join('\n')}\n# EOF\n`);
    expect(await imported(dir, text)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/sealed\.om:701: another sample of the same series has the same time/),
    });
    expect(await contents(dir)).toEqual(expected);
  });

  it.each([
    ['a folder that is empty', 0],
    ['one that has some of them', 300],
    ['one that has newer samples', -1],
  ])(
    'import a file that goes back in time and repeats samples into %s: each counts once',
    async (_, there) => {
      const dir = mkdtempSync(join(folder, 'back-'));
      const file = join(dir, 'back.om');
      const next = seededRandom(7 + there);
      const lines = new Set<string>();
      const given: string[] = [];
      const write = (some: readonly string[]) => writeFileSync(file, `${some.join('\n')}\n# EOF\n`);
      // Runs of ascending times from anywhere on, so that most samples come late and many twice.
      for (let run = 0; run < 120; run++) {
        const i = Math.floor(next() * 3);
        const from = Math.floor(next() * 400);
        for (let k = from; k < from + next() * 40; k++) {
          const line = `m{i="${i}"} ${k * i} ${(startMs + k * 15_000 - 40_000_000) / 1000}`;
          given.push(...(next() < 0.1 ? [line, line] : [line]));
        }
      }
      for (let k = 100; k > 0; k--) given.push(`m{i="4"} ${k} ${(startMs - k * 15_000 - 40_000_000) / 1000}`);
      for (const line of given) lines.add(line);
      const before = new Set(given.slice(0, Math.max(0, there)));
      if (there > 0) {
        write([...before]);
        expect((await imported(dir, file)).status).toBe(0);
        await intoBlocks(dir);
      } else if (there < 0) {
        const opened = await store(dir);
        const appender = opened.appender();
        for (const i of ['0', '1', '2', '4'])
          appender.append(appender.series(Labels.fromObject({ __name__: 'm', i })), startMs, 1);
        appender.commit();
        await opened.close();
      }
      write(given);
      const stored = lines.size - before.size;
      expect(await imported(dir, file)).toMatchObject({
        status: 0,
        stderr: `4 series, ${stored} samples stored, ${given.length - stored} were there already\n`,
      });
      const samples = [...(await contents(dir)).values()].flatMap((text) => text.split(' '));
      expect(samples).toHaveLength(lines.size + (there < 0 ? 4 : 0));
    },
  );

  it('import is refused while a server runs there, and takes the past when it does not', async () => {
    const dir = join(folder, 'live');
    const file = join(folder, 'past.om');
    writeFileSync(file, `m{i="1"} 5 ${(startMs - 50_000_000) / 1000}\n# EOF\n`);
    const opened = await store(dir);
    const appender = opened.appender();
    appender.append(appender.series(Labels.fromObject({ __name__: 'm', i: '1' })), startMs, 1);
    appender.commit();
    await expect(tsdbCommand(['import', '--data', dir, file])).rejects.toThrow(
      /is in use by process \d+. Stop that process/,
    );
    await opened.close();
    expect((await imported(dir, file)).status).toBe(0);
    expect([...(await contents(dir)).values()][0]?.split(' ')).toHaveLength(2);
  });
});
