import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { LevelWork, type LevelWorkOptions } from '../src/rollup/level-work.ts';
import { FIVE_MINUTES } from '../src/rollup/levels.ts';

const DAY_MS = 86_400_000;
const SPAN_MS = FIVE_MINUTES.spanMs;
const SPAN = 990;
const END_MS = (SPAN + 1) * SPAN_MS;
const LATER_MS = 1000 * SPAN_MS;

/** Of series there are none: what is asked is which spans are looked at, and when they are done. */
function worker(looked: () => void) {
  const clock = new ManualClock(LATER_MS);
  const rollups = { fiveMinutesMs: 90 * DAY_MS, oneHourMs: 730 * DAY_MS };
  const options: Partial<LevelWorkOptions> = {
    clock,
    retention: () => ({ retentionMs: DAY_MS, maxBytes: 1e9, rollups }),
    to: { level: FIVE_MINUTES, blocks: undefined! },
    source: {
      layouts: () => {
        looked();
        return [];
      },
      fill: () => 0,
    },
    delayMs: () => 0,
    isReady: () => true,
  };
  const work = new LevelWork(options as LevelWorkOptions);
  return {
    work,
    blockComes: () => work.note(SPAN * SPAN_MS + 1, SPAN * SPAN_MS + 2),
    /** One step of the upkeep; false when nothing is due. */
    async step(): Promise<boolean> {
      // Work keeps to its part of a core.
      await clock.advance(60_000);
      const next = work.next();
      if (next) for (const _ of next);
      return next !== undefined;
    },
  };
}

it('looks at a span once more when a block came while it was worked on', async () => {
  let looks = 0;
  const { work, blockComes, step } = worker(() => {
    looks++;
    // Its series are not among those that are looked at now.
    if (looks === 1) blockComes();
  });
  blockComes();
  while (await step()) expect(work.isDoneBefore(END_MS)).toBe(false);
  expect(looks).toBe(2);
  expect(work.isDoneBefore(END_MS)).toBe(true);
});

it('looks at a span once when no block came', async () => {
  let looks = 0;
  const { work, blockComes, step } = worker(() => looks++);
  blockComes();
  while (await step());
  expect(looks).toBe(1);
  expect(work.isDoneBefore(END_MS)).toBe(true);
});
