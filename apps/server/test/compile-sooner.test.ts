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

/** How often a function was called that runs for the first time now when the engine has it compiled, by its own trace. */
const PROGRAM = `
  const { setFlagsFromString } = await import('node:v8');
  const lower = process.argv[1];
  if (lower) setFlagsFromString(lower);
  setFlagsFromString('--trace-opt');
  globalThis.total = 0;
  function counted(k) { let sum = k; sum = sum * 2 + 1; sum ^= 5; return sum; }
  for (let call = 1; call <= 600; call++) {
    console.log('call ' + call);
    globalThis.total += counted(call);
  }
`;

it('holds for functions that run for the first time afterwards', () => {
  const callsUntilMarked = (flag: string): number => {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM, flag], {
      encoding: 'utf8',
    });
    const before = stdout.slice(0, stdout.search(/marking .*counted.* MAGLEV/));
    return before.match(/^call /gm)?.length ?? 0;
  };
  const [usual, sooner] = [callsUntilMarked(''), callsUntilMarked('--invocation-count-for-maglev=120')];
  expect(sooner).toBeGreaterThan(50);
  expect(sooner).toBeLessThan(usual / 2);
});
