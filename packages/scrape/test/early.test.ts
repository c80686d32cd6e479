import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { EarlyTurns } from '../src/fetching/early-turns.ts';
import { FetchHost } from '../src/fetching/fetch-host.ts';
import { localLink } from '../src/fetching/link.ts';
import { packHttp } from '../src/fetching/pack-http.ts';
import type { FetchSettings } from '../src/fetching/protocol.ts';
import { config, job, rig, START_MS, serve, text, until } from './harness.ts';

describe('early turns', () => {
  it('are had by so many at a time, the most urgent first', () => {
    const turns = new EarlyTurns(2);
    const called: string[] = [];
    const go = (name: string) => () => void called.push(name);
    const c = go('c');
    for (const [one, urgency] of [
      [go('a'), 1],
      [go('b'), 2],
      [c, 9],
      [go('d'), 3],
      [go('e'), 7],
    ] as const)
      turns.wait(one, urgency);
    expect(called).toEqual(['a', 'b']);
    turns.leave(c);
    turns.done();
    expect(called).toEqual(['a', 'b', 'e']);
    turns.wait(go('f'), 8);
    turns.done();
    turns.done();
    turns.done();
    expect(called).toEqual(['a', 'b', 'e', 'f', 'd']);
  });

  it('of very many that are over at once do not pile up', () => {
    const turns = new EarlyTurns(1);
    const waiting: (() => void)[] = [];
    turns.wait(() => void waiting.push(() => turns.done()), 0);
    let over = 0;
    for (let i = 0; i < 100_000; i++)
      turns.wait(() => {
        over++;
        turns.done();
      }, i % 7);
    expect(over).toBe(0);
    waiting[0]!();
    expect(over).toBe(100_000);
  });
});

const jobs = (addresses: readonly string[], interval: string, more = '') =>
  config(
    `scrape_configs:\n  - job_name: a\n    scrape_interval: ${interval}\n    scrape_timeout: 1s\n${more}    static_configs: [{targets: [${addresses.map((address) => `"${address}"`).join(', ')}]}]\n`,
  );

describe('a new target', () => {
  it('is asked at once, and from then on in its turn', async () => {
    const address = await serve(text(() => 'a 1\n'));
    const one = await rig(jobs([address], '60s'), (clock) => localLink(clock, {}, 1));
    await until(() => one.counts.get('scraped') === 1, 'the first scrape');
    for (let i = 0; i < 4; i++) await one.cycle(i === 0 ? 0 : 1, 60_000);
    await until(() => one.counts.get('scraped')! >= 4, 'those in turn');
    const [first, second, ...others] = one.series('a').map(([time]) => time);
    expect(Math.abs(first!)).toBeLessThanOrEqual(1);
    expect(second! - first!).toBeGreaterThan(0.2 * 60_000 - 2);
    expect(second! - first!).toBeLessThanOrEqual(1.2 * 60_000 + 2);
    expect(second! % 500).toBe(0);
    for (const [i, time] of others.entries()) expect(time - second!).toBe((i + 1) * 60_000);
    expect(one.counts.get('skipped')).toBeUndefined();
  });

  it('waits while others are asked, but not longer than half an interval behind its own time', async () => {
    const held: (() => void)[] = [];
    const slow = await serve((request, response) => {
      held.push(() => text(() => 'slow 1\n')(request, response));
    });
    const quick = await serve(text(() => 'quick 1\n'));
    const one = await rig(jobs([slow, quick], '1s'), (clock) => localLink(clock, {}, 1));
    await until(() => held.length === 1, 'the slow one is asked');
    expect(one.counts.get('scraped')).toBeUndefined();
    await one.clock.advance(499);
    expect(one.values('quick')).toEqual([]);
    await one.clock.advance(1000.9);
    await until(() => one.values('quick').length > 0, 'the quick one');
    for (const release of held) release();
  });

  it('that is removed while it waits is not asked, nor holds others up when it is asked', async () => {
    const asked: string[] = [];
    const held: (() => void)[] = [];
    const slow = await serve((request, response) => {
      asked.push('slow');
      held.push(() => text(() => 'slow 1\n')(request, response));
    });
    const gone = await serve(() => void asked.push('gone'));
    const late = await serve((request, response) => {
      asked.push('late');
      text(() => 'late 1\n')(request, response);
    });
    const one = await rig(jobs([slow, gone], '60s'), (clock) => localLink(clock, {}, 1));
    await until(() => held.length === 1, 'the slow one is asked');
    await one.manager.apply(jobs([late], '60s'));
    await until(() => one.values('late').length === 1, 'the one that came later');
    expect(asked).toEqual(['slow', 'late']);
  });
});

/** Of a target that answers without being asked. */
const settings = ([turnMs, intervalMs]: readonly [number, number]): FetchSettings => ({
  client: 1,
  url: 'http://127.0.0.1/',
  headers: {},
  intervalMs,
  turnMs,
  timeoutMs: 1_000,
  bodyLimitBytes: 0,
  forcedError: 'no need to ask',
  parserId: 1,
  parser: {},
});

describe('what is about to be reported', () => {
  /** What is expected within 30 ms when each report comes, at each ms of a second. */
  async function expectations(turns: readonly number[]): Promise<(readonly [ms: number, boolean])[]> {
    const clock = new ManualClock(START_MS);
    const found: (readonly [number, boolean])[] = [];
    const host = new FetchHost({
      clock,
      env: {},
      hasRoom: () => true,
      early: 1,
      report: () => found.push([clock.now() % 1_000, host.expects(30)]),
    });
    for (const [target, turnMs] of turns.entries())
      host.take({ kind: 'scrape', target, generation: 1, settings: settings([turnMs, 1_000]) });
    await clock.advance(2_000);
    found.splice(0);
    await clock.advance(1_000);
    expect(host.expects(30)).toBe(turns.length > 8);
    await host.close();
    return found;
  }

  it('is nothing after the last of those that answer in quick succession', async () => {
    const found = await expectations([100, 120, 160, 500]);
    expect(found).toEqual([
      [100, true],
      [120, false],
      [160, false],
      [500, false],
    ]);
  });

  it('is what a target has been asked for', async () => {
    const held: (() => void)[] = [];
    const address = await serve(
      (request, response) => void held.push(() => text(() => 'a 1\n')(request, response)),
    );
    const reported: number[] = [];
    const host = new FetchHost({
      clock: new ManualClock(START_MS),
      env: {},
      hasRoom: () => true,
      early: 1,
      report: ({ target }) => reported.push(target),
    });
    const { http } = job(address).scrapeConfigs[0]!;
    host.take({ kind: 'connect', client: 1, http: packHttp(http) });
    const one = { ...settings([900, 1_000]), url: `http://${address}/metrics`, forcedError: undefined };
    host.take({ kind: 'scrape', target: 1, generation: 1, settings: one });
    await until(() => held.length === 1, 'the request');
    expect(host.expects(30)).toBe(true);
    held[0]!();
    await until(() => reported.length === 1, 'the report');
    expect(host.expects(30)).toBe(false);
    await host.close();
  });

  it('is always something where there are many', async () => {
    const found = await expectations([100, 200, 300, 400, 500, 600, 700, 800, 900]);
    expect(found.map(([, isMore]) => isMore)).toEqual(Array(9).fill(true));
  });
});

describe('targets that are asked at once', () => {
  /** In which order targets go, by their turns and intervals, when they come together. */
  function orderOf(
    targets: readonly (readonly [turnMs: number, intervalMs: number])[],
    storedUntilMs?: number,
  ) {
    const order: number[] = [];
    const add = (target: number, which: readonly [number, number]): void =>
      host.take({ kind: 'scrape', target, generation: 1, settings: settings(which) });
    const host = new FetchHost({
      clock: new ManualClock(START_MS),
      env: {},
      hasRoom: () => true,
      early: 1,
      storedUntilMs,
      report: ({ target }) => {
        order.push(target);
        // While the first has its turn the others come.
        if (target === -1) for (const [i, which] of targets.entries()) add(i, which);
      },
    });
    add(-1, [0, 1_000]);
    return order.slice(1);
  }

  it('go first when they would have to wait longest', () => {
    const turns = [
      [300, 1_000],
      [900, 1_000],
      [40_000, 60_000],
      [0, 1_000],
    ] as const;
    // It is 20 s past a minute.
    expect(orderOf(turns)).toEqual([2, 1, 0, 3]);
  });

  it('go first after a start when nothing is stored of them for the longest part of their intervals', () => {
    // 0.7 s ago the last was stored, at 300 within a second and 19.3 s past a minute.
    const storedUntilMs = START_MS - 700;
    const turns = [
      [299, 1_000],
      [400, 1_000],
      [999, 1_000],
      [600, 1_000],
      [59_500, 60_000],
      [19_500, 60_000],
    ] as const;
    expect(orderOf(turns, storedUntilMs)).toEqual([1, 3, 5, 2, 0, 4]);
  });
});
