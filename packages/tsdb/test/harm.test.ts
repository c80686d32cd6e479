import { seededRandom } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { Harmer } from './faults/harm.ts';
import type { Boundary } from './faults/recording.ts';

it('a journal is cut by a loss of power only when all of its database is on the disk', () => {
  const PAGE = 8_192;
  const before = new Map([
    ['head.db', Buffer.alloc(2 * PAGE, 1)],
    ['head.db-wal', Buffer.alloc(3 * PAGE, 2)],
  ]);
  const after = new Map([
    ['head.db', Buffer.alloc(3 * PAGE, 3)],
    ['head.db-wal', Buffer.alloc(0)],
  ]);
  const checkpoint: Boundary = {
    ...{ number: 1, what: 'checkpoint', before, after, durable: before },
    ...{ nowMs: 0, commits: 1, answered: 1, flushed: 1, blocks: new Map(), untold: [] },
  };
  const harmer = new Harmer(seededRandom(1), 'none');
  const images = Array.from({ length: 400 }, () => harmer.harm('power loss', checkpoint).image);
  const cut = images.filter((image) => image.get('head.db-wal')!.length === 0);
  expect(cut.every((image) => image.get('head.db')!.equals(after.get('head.db')!))).toBe(true);
  const whole = images.filter((image) => !cut.includes(image));
  expect(whole.every((image) => image.get('head.db-wal') === before.get('head.db-wal'))).toBe(true);
  expect(new Set(whole.map((image) => image.get('head.db')!.length))).toEqual(new Set([2 * PAGE, 3 * PAGE]));
  expect(Math.min(cut.length, whole.length)).toBeGreaterThan(20);
});
