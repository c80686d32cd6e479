import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { mappingsOf, ProgramPages, unwritten } from '../src/program-pages.ts';

const PRESENT = 1 << 31;
const SWAPPED = 1 << 30;
const OF_FILE = 1 << 29;

/** As in /proc/PID/pagemap, where the lower half says where a page lies. */
function pagemap(states: readonly number[]): Buffer {
  const entries = Buffer.alloc(states.length * 8, 0xff);
  for (const [i, state] of states.entries()) entries.writeInt32LE(state, i * 8 + 4);
  return entries;
}

it("takes pages that are the file's, and never one that was written to, here or on its way from swap", () => {
  const own = PRESENT;
  const file = PRESENT | OF_FILE;
  const none = 0;
  const spans = (states: readonly number[]) =>
    unwritten(pagemap(states), 0x10000, 0x1000).map(({ start, end }) => [start, end]);
  expect(spans([own, file, none, file, own, own, SWAPPED, file])).toEqual([
    [0x11000, 0x14000],
    [0x17000, 0x18000],
  ]);
  expect(spans([file, file])).toEqual([[0x10000, 0x12000]]);
  expect(spans([SWAPPED | OF_FILE, own, PRESENT | SWAPPED])).toEqual([]);
  expect(spans([])).toEqual([]);
});

it('knows the mappings of the program that cannot be written to', () => {
  const maps = `00400000-00746000 r--p 00000000 fe:00 2148075                            /opt/node 24/bin/node
0074a000-03044000 r-xp 0034a000 fe:00 2148075                            /opt/node 24/bin/node
06b52000-06b79000 rw-p 06751000 fe:00 2148075                            /opt/node 24/bin/node
06b79000-06b9f000 rw-p 00000000 00:00 0
7f0000000000-7f0000001000 r-xp 00000000 fe:00 11                         /opt/node 24/bin/node.so
7f0000002000-7f0000003000 r--s 00000000 fe:00 2148075                    /opt/node 24/bin/node
7ffd0b1c0000-7ffd0b1e1000 rw-p 00000000 00:00 0                          [stack]
`;
  expect(mappingsOf(maps, '/opt/node 24/bin/node')).toEqual([
    { start: 0x400000, end: 0x746000 },
    { start: 0x74a000, end: 0x3044000 },
  ]);
});

it('is done a few times after the start, and then every ten minutes', async () => {
  const clock = new ManualClock();
  const startMs = clock.monotonic();
  const times: number[] = [];
  const pages = new ProgramPages(clock, () => times.push((clock.monotonic() - startMs) / 1_000));
  for (let i = 0; i < 300; i++) {
    await clock.advance(5_000);
    pages.look();
  }
  expect(times).toEqual([20, 60, 150, 750, 1_350]);
});

/** In a process of its own: the program's pages would go from under the test runner, too. */
const PROGRAM = `
  const { programForgetter } = await import(process.argv[1]);
  const { cLibrary } = await import(process.argv[2]);
  const { readFileSync } = await import('node:fs');
  const { createHash } = await import('node:crypto');
  const fileKb = () => Number(/^RssFile:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  const work = () => [
    new Function('a', 'return a.map((x) => x ** 2.5).join()')([1, 2, 3]),
    'Über 12'.replace(/(?<word>\\p{L}+) (\\d+)/u, '$2 $<word>'),
    createHash('sha256').update('pages').digest('hex'),
    new Intl.NumberFormat('de').format(1234.5),
    JSON.stringify(structuredClone({ at: new Date(0), of: [1n << 70n].map(String) })),
  ].join();
  const expected = work();
  const library = cLibrary();
  const before = fileKb();
  const forget = programForgetter(library);
  forget();
  const after = fileKb();
  const worksOnce = work() === expected;
  forget();
  globalThis.gc();
  console.log(JSON.stringify({ before, after, works: worksOnce && work() === expected }));
`;

it.runIf(process.platform === 'linux')('takes most of the program out of memory, and it goes on', () => {
  const module = (name: string) => join(import.meta.dirname, '../src', name);
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', PROGRAM, module('free-memory.ts'), module('c-library.ts')],
    { encoding: 'utf8' },
  );
  expect(status).toBe(0);
  const { before, after, works } = JSON.parse(stdout) as { before: number; after: number; works: boolean };
  expect(works).toBe(true);
  expect(after).toBeLessThan(before / 2);
});
