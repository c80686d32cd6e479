import { expect, it } from 'vitest';
import { HeapSlack } from '../src/heap-slack.ts';

const MB = 1 << 20;

function world(): {
  slack: HeapSlack;
  set: (mb: number) => void;
  pass: (seconds: number) => void;
  releases: number[];
} {
  let nowMs = 0;
  let committed = 0;
  const releases: number[] = [];
  const clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    after: () => ({ cancel: () => {} }),
  };
  const slack = new HeapSlack({
    clock,
    committed: () => committed,
    release: () => {
      releases.push(nowMs / 1000);
      committed = 50 * MB;
    },
  });
  return {
    slack,
    releases,
    set: (mb) => {
      committed = mb * MB;
    },
    pass: (seconds) => {
      for (let i = 0; i < seconds; i += 2) {
        nowMs += 2_000;
        slack.look();
      }
    },
  };
}

it('gives back once when a heap that grew after the start has settled', () => {
  const { set, pass, releases } = world();
  for (const mb of [80, 120, 180]) {
    set(mb);
    pass(2);
  }
  set(190);
  pass(2);
  expect(releases).toEqual([]);
  pass(2);
  expect(releases).toEqual([10]);
  pass(1_000);
  expect(releases).toEqual([10]);
});

it('wants to be looked at less often when the start is over', () => {
  const { slack, pass } = world();
  expect(slack.waitMs).toBe(2_000);
  pass(20);
  expect(slack.waitMs).toBe(2_000);
  pass(2);
  expect(slack.waitMs).toBe(10_000);
});

it('leaves a tiny heap alone', () => {
  const { set, pass, releases } = world();
  set(5);
  pass(600);
  expect(releases).toEqual([]);
});

it('gives back a second time when the load comes a little after the start', () => {
  const { set, pass, releases } = world();
  set(12);
  pass(8);
  expect(releases).toEqual([6]);
  set(55); // 50 were left
  pass(4);
  set(90);
  pass(8);
  expect(releases).toEqual([6, 18]);
});

it('does not give back what little a heap grew since', () => {
  const { set, pass, releases } = world();
  set(12);
  pass(8);
  set(55);
  pass(500);
  expect(releases).toEqual([6]);
});

it('does not begin with it once the code is hot', () => {
  const { set, pass, releases } = world();
  for (const mb of [20, 25, 30, 40]) {
    set(mb);
    pass(4);
  }
  set(100);
  pass(500);
  expect(releases).toEqual([]);
  set(180);
  pass(2);
  set(110);
  pass(200);
  expect(releases).toHaveLength(1);
});

it('gives back again what was taken for a while, at most every ten minutes', () => {
  const { set, pass, releases } = world();
  const steps: [mb: number, seconds: number, releases: number][] = [
    [100, 25, 1],
    [300, 5, 1],
    [90, 300, 1],
    [90, 400, 2],
    [90, 5, 2],
    [60, 1_200, 2],
  ];
  for (const [mb, seconds, count] of steps) {
    set(mb);
    pass(seconds);
    expect(releases).toHaveLength(count);
  }
});
