import { expect, it } from 'vitest';
import { HeapGrowth } from '../src/heap-growth.ts';

it('lets a heap grow that is seldom collected, and leaves one with much garbage to the engine', () => {
  const said: number[] = [];
  const growth = new HeapGrowth((percent) => said.push(percent));
  for (const startMs of [500, 1200]) growth.collected(startMs);
  expect(said).toEqual([]);
  for (const startMs of [6000, 11_000, 40_000]) growth.collected(startMs);
  expect(said).toEqual([40]);
  for (const startMs of [41_000, 42_500]) growth.collected(startMs);
  expect(said).toEqual([40]);
  growth.collected(43_000);
  expect(said).toEqual([40, 0]);
  growth.collected(46_001);
  expect(said).toEqual([40, 0, 40]);
});

it('lets a heap grow that has settled from the collection on that this brings', () => {
  const said: number[] = [];
  const growth = new HeapGrowth((percent) => said.push(percent));
  for (const startMs of [500, 1200, 2100, 3000]) growth.collected(startMs);
  growth.settled();
  expect(said).toEqual([40]);
  // Two that belong together, as one that is asked for as the last resort is.
  for (const startMs of [5500, 5600, 40_000]) growth.collected(startMs);
  growth.settled();
  expect(said).toEqual([40]);
});
