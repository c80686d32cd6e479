import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { Pace } from '../src/pace.ts';
import { Upkeep } from '../src/upkeep.ts';

function newUpkeep(everyMs: number, tick: (timeMs: number) => boolean = () => false) {
  const clock = new ManualClock(0);
  const ticks: number[] = [];
  const upkeep = new Upkeep({
    clock,
    pace: new Pace(),
    everyMs,
    tick: () => {
      ticks.push(clock.now());
      return tick(clock.now());
    },
    next: () => undefined,
  });
  return { clock, ticks, upkeep };
}

it('ticks once a second while nothing comes, and in time for what comes', async () => {
  const { clock, ticks, upkeep } = newUpkeep(500);
  upkeep.start();
  await clock.advance(3_600);
  expect(ticks).toEqual([500, 1_500, 2_500, 3_500]);
  upkeep.wake();
  await clock.advance(300);
  upkeep.wake(); // The tick for the first is soon enough.
  await clock.advance(200);
  expect(ticks.slice(4)).toEqual([4_100]);
  await clock.advance(800);
  upkeep.wake(); // So is the next one.
  await clock.advance(200);
  expect(ticks.slice(5)).toEqual([5_100]);
});

it('does not forget what comes during a tick', async () => {
  const { clock, ticks, upkeep } = newUpkeep(500, (timeMs) => {
    if (timeMs === 500) upkeep.wake();
    return false;
  });
  upkeep.start();
  await clock.advance(2_000);
  expect(ticks).toEqual([500, 1_000, 2_000]);
});

it('comes back soon when something had to wait', async () => {
  const { clock, ticks, upkeep } = newUpkeep(500, (timeMs) => timeMs < 1_500);
  upkeep.start();
  await clock.advance(4_000);
  expect(ticks).toEqual([500, 1_000, 1_500, 2_500, 3_500]);
});

it('keeps to a longer period, and ends', async () => {
  const { clock, ticks, upkeep } = newUpkeep(5_000);
  upkeep.start();
  await clock.advance(6_000);
  upkeep.wake();
  await clock.advance(4_000);
  expect(ticks).toEqual([5_000, 10_000]);
  upkeep.stop();
  upkeep.wake();
  await clock.advance(20_000);
  expect(ticks).toHaveLength(2);
});
