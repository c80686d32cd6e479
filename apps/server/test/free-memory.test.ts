import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { FreeMemory } from '../src/free-memory.ts';

/** In a process of its own: what the test runner has taken would be given back, too. */
const PROGRAM = `
  const { cLibrary } = await import(process.argv[1]);
  const rss = () => process.memoryUsage.rss();
  let pieces = Array.from({ length: 4_000 }, () => Buffer.alloc(20_000, 1));
  // One in fifty stays, so that the pages between lie below something that is in use.
  pieces = pieces.filter((_, i) => i % 50 === 0);
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const before = rss();
  cLibrary().trim();
  console.log(JSON.stringify({ given: before - rss(), kept: pieces.every((piece) => piece.every((byte) => byte === 1)) }));
`;

it('is asked for when the process has grown, and more and more seldom while that gives nothing', async () => {
  const clock = new ManualClock();
  const MB = 1 << 20;
  let [bytes, floor, trims] = [100 * MB, 100 * MB, 0];
  const memory = new FreeMemory({
    clock,
    resident: () => bytes,
    trim: () => {
      trims++;
      bytes = Math.min(bytes, floor);
    },
  });
  const after = async (ms: number): Promise<number> => {
    await clock.advance(ms);
    memory.look();
    return trims;
  };
  expect(await after(5_000)).toBe(0);
  expect(await after(5_000)).toBe(1);
  expect(await after(600_000)).toBe(1);
  // Of what came half goes again: it was worth it.
  bytes = 120 * MB;
  floor = 110 * MB;
  expect(await after(0)).toBe(2);
  // What is in use does not go: the next times come later and later, up to eleven minutes.
  floor = 10_000 * MB;
  const waits: number[] = [];
  for (let k = 0; k < 7; k++) {
    const known = trims;
    let ms = 0;
    bytes += 50 * MB;
    while ((await after(5_000)) === known) ms += 5_000;
    waits.push(ms + 5_000);
  }
  expect(waits.map((ms) => ms / 1_000)).toEqual([10, 20, 40, 80, 160, 320, 640]);
});

it('is not asked for a small part of much', async () => {
  const clock = new ManualClock();
  const MB = 1 << 20;
  let [bytes, trims] = [200 * MB, 0];
  const memory = new FreeMemory({ clock, resident: () => bytes, trim: () => (trims += 1) });
  await clock.advance(60_000);
  memory.look();
  expect(trims).toBe(1);
  await clock.advance(600_000);
  bytes = 213 * MB;
  memory.look();
  expect(trims).toBe(1);
  bytes = 215 * MB;
  memory.look();
  expect(trims).toBe(2);
});

it.runIf(isGlibc())('gives back pages that lie free between others', () => {
  const { given, kept } = told(PROGRAM, '../src/c-library.ts');
  expect(kept).toBe(true);
  expect(given).toBeGreaterThan(20e6);
});

/** What a program of its own prints, which is given a module. */
function told(program: string, module: string): Record<string, unknown> {
  const { stdout } = spawnSync(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', program, join(import.meta.dirname, module)],
    { encoding: 'utf8', env: { ...process.env, MALLOC_MMAP_THRESHOLD_: '81920', MALLOC_ARENA_MAX: '1' } },
  );
  return JSON.parse(stdout || '{}') as Record<string, unknown>;
}

function isGlibc(): boolean {
  const { header } = process.report.getReport() as unknown as { header: Record<string, unknown> };
  return header['glibcVersionRuntime'] !== undefined;
}
