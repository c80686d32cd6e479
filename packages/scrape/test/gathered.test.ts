import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { Gathered } from '../src/fetching/gathered.ts';

describe('gathered items', () => {
  it('go at once when they come alone, together when they follow each other', async () => {
    const clock = new ManualClock();
    const given: number[][] = [];
    const gathered = new Gathered<number>(clock, (items) => given.push([...items]));
    gathered.add(1);
    expect(given).toEqual([[1]]);
    gathered.add(2);
    await clock.advance(20);
    gathered.add(3);
    expect(given).toHaveLength(1);
    await clock.advance(80);
    expect(given).toEqual([[1], [2, 3]]);
    await clock.advance(110);
    gathered.add(4);
    expect(given.at(-1)).toEqual([4]);
  });

  it('go when there are many, and when they are asked for', async () => {
    const clock = new ManualClock();
    const given: number[][] = [];
    const gathered = new Gathered<number>(clock, (items) => given.push([...items]));
    for (let i = 0; i < 18; i++) gathered.add(i);
    expect(given).toEqual([[0], Array.from({ length: 16 }, (_, i) => i + 1)]);
    gathered.send();
    gathered.send();
    expect(given.at(-1)).toEqual([17]);
    await clock.advance(1_000);
    expect(given).toHaveLength(3);
  });
});
