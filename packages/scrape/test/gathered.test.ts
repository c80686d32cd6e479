import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { Gathered } from '../src/fetching/gathered.ts';

const always = (): boolean => true;

describe('gathered items', () => {
  it('wait for those just behind, and those that follow go together', async () => {
    const clock = new ManualClock();
    const given: number[][] = [];
    const gathered = new Gathered<number>(clock, (items) => given.push([...items]), always);
    gathered.add(1);
    await clock.advance(20);
    gathered.add(2);
    expect(given).toEqual([]);
    await clock.advance(10);
    expect(given).toEqual([[1, 2]]);
    gathered.add(3);
    await clock.advance(50);
    gathered.add(4);
    await clock.advance(49);
    expect(given).toHaveLength(1);
    await clock.advance(1);
    expect(given.at(-1)).toEqual([3, 4]);
    await clock.advance(110);
    gathered.add(5);
    await clock.advance(30);
    expect(given.at(-1)).toEqual([5]);
  });

  it('go at once where nothing is to come behind them, though not in quick succession', async () => {
    const clock = new ManualClock();
    const given: number[][] = [];
    const asked: number[] = [];
    let isMoreToCome = false;
    const expects = (withinMs: number): boolean => {
      asked.push(withinMs);
      return isMoreToCome;
    };
    const gathered = new Gathered<number>(clock, (items) => given.push([...items]), expects);
    gathered.add(1);
    expect(given).toEqual([[1]]);
    expect(asked).toEqual([30]);
    await clock.advance(40);
    gathered.add(2);
    await clock.advance(59);
    expect(given).toHaveLength(1);
    await clock.advance(1);
    expect(given.at(-1)).toEqual([2]);
    await clock.advance(200);
    isMoreToCome = true;
    gathered.add(3);
    await clock.advance(10);
    isMoreToCome = false;
    gathered.add(4);
    expect(given.at(-1)).toEqual([3, 4]);
    await clock.advance(1_000);
    expect(given).toHaveLength(3);
  });

  it('go when there are many, and when they are asked for', async () => {
    const clock = new ManualClock();
    const given: number[][] = [];
    const gathered = new Gathered<number>(clock, (items) => given.push([...items]), always);
    for (let i = 0; i < 18; i++) gathered.add(i);
    expect(given).toEqual([Array.from({ length: 16 }, (_, i) => i)]);
    gathered.send();
    gathered.send();
    expect(given.at(-1)).toEqual([16, 17]);
    await clock.advance(1_000);
    expect(given).toHaveLength(2);
  });
});
