import { spawnSync } from 'node:child_process';
import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { compileSooner } from '../src/compile-sooner.ts';

async function setWith(series: number): Promise<readonly string[]> {
  const clock = new ManualClock();
  const flags: string[] = [];
  let known = 0;
  compileSooner(
    clock,
    () => known,
    (flag) => flags.push(flag),
  );
  await clock.advance(4_999);
  expect(flags).toEqual([]);
  known = series;
  await clock.advance(60_000);
  return flags;
}

it('is told to the engine once, five seconds after the start, where little is watched', async () => {
  expect(await setWith(1_000)).toEqual(['--invocation-count-for-maglev=120']);
  expect(await setWith(0)).toHaveLength(1);
  expect(await setWith(10_000)).toEqual([]);
});

/**
 * Counts the calls of a function that runs for the first time now, until the engine has compiled it well. On the thread itself, at the
 * call that asks for it, and without compiling the loop around it: otherwise the count depends on what else the machine does.
 */
const PROGRAM = `
  const { setFlagsFromString } = await import('node:v8');
  const lower = process.argv[1];
  if (lower) setFlagsFromString(lower);
  globalThis.total = 0;
  function counted(k) { let sum = k; sum = sum * 2 + 1; sum ^= 5; return sum; }
  let calls = 0;
  while (calls < 5000 && !%ActiveTierIsMaglev(counted)) globalThis.total += counted(++calls);
  console.log(calls);
`;
const FLAGS = ['--allow-natives-syntax', '--no-concurrent-recompilation', '--no-use-osr'];

it('holds for functions that run for the first time afterwards', () => {
  const callsUntilCompiled = (flag: string): number => {
    const options = [...FLAGS, '--input-type=module', '-e', PROGRAM, flag];
    return Number(spawnSync(process.execPath, options, { encoding: 'utf8' }).stdout);
  };
  const [usual, sooner] = [callsUntilCompiled(''), callsUntilCompiled('--invocation-count-for-maglev=120')];
  expect(sooner).toBeGreaterThan(50);
  expect(sooner).toBeLessThan(usual / 2);
  expect(usual).toBeLessThan(5000);
});
