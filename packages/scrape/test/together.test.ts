import { Worker } from 'node:worker_threads';
import { systemClock } from '@watchroom/model';
import { ManualClock, MemoryStore } from '@watchroom/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FetchHost, type FetchHostOptions } from '../src/fetching/fetch-host.ts';
import { packHttp } from '../src/fetching/pack-http.ts';
import type { FetchSettings } from '../src/fetching/protocol.ts';
import { threadLink } from '../src/fetching/thread-link.ts';
import type { ThreadSettings } from '../src/fetching/thread-protocol.ts';
import { REST_MS, Together } from '../src/fetching/together.ts';
import { ScrapeManager, silentObserver } from '../src/index.ts';
import { config, job, START_MS, serve, text, until } from './harness.ts';

describe('a thread that waits for several answers', () => {
  function waiting(asked: number) {
    const clock = new ManualClock();
    const rests: number[] = [];
    const calls: (() => void)[] = [];
    const state = { isBusy: false };
    const options = {
      rest: (ms: number) => void rests.push(ms),
      soon: (call: () => void) => calls.push(call),
    };
    const together = new Together(clock, options, () => state.isBusy);
    for (let i = 0; i < asked; i++) together.asked();
    const come = (answers: number): void => {
      for (let i = 0; i < answers; i++) together.came();
    };
    const look = (): void => {
      for (const call of calls.splice(0)) call();
    };
    return { clock, rests, calls, state, together, come, look };
  }

  it('rests once for those that came together, while two others are to come', () => {
    const { rests, calls, come, look } = waiting(5);
    come(1);
    expect(calls).toHaveLength(1);
    expect(rests).toEqual([]);
    come(1);
    look();
    expect(rests).toEqual([REST_MS]);
    look();
    expect(rests).toHaveLength(1);
    come(1);
    look();
    expect(rests).toHaveLength(2);
  });

  it('does not look out for the last two', () => {
    const { rests, calls, come, look } = waiting(3);
    come(1);
    come(1);
    look();
    expect(rests).toEqual([]);
    come(1);
    expect(calls).toEqual([]);
  });

  it('does not rest when so many came at once, and does after fewer of the next', () => {
    const { rests, come, look } = waiting(20);
    come(8);
    look();
    expect(rests).toEqual([]);
    come(7);
    look();
    expect(rests).toHaveLength(1);
  });

  it('does not wait for those that have been silent for long', async () => {
    const { clock, rests, come, look, together } = waiting(5);
    await clock.advance(101);
    come(1);
    look();
    expect(rests).toEqual([]);
    together.asked();
    await clock.advance(100);
    come(1);
    look();
    expect(rests).toHaveLength(1);
  });

  it('does not rest while it has something better to do', () => {
    const { rests, state, come, look } = waiting(6);
    state.isBusy = true;
    come(1);
    look();
    expect(rests).toEqual([]);
    state.isBusy = false;
    come(1);
    look();
    expect(rests).toHaveLength(1);
  });
});

/** Answers when it is told to. */
async function held() {
  const answers: (() => void)[] = [];
  const address = await serve(
    (request, response) => void answers.push(() => text(() => 'a 1\n')(request, response)),
  );
  return { address, answers };
}

describe('targets of one turn', () => {
  async function hostOf(early: number) {
    const { address, answers } = await held();
    const clock = new ManualClock(START_MS);
    const rests: number[] = [];
    const reported: number[] = [];
    const options: FetchHostOptions = {
      clock,
      env: {},
      hasRoom: () => true,
      early,
      report: ({ target }) => reported.push(target),
      rests: { rest: (ms) => void rests.push(ms), soon: setImmediate },
    };
    const host = new FetchHost(options);
    onTestFinished(() => host.close());
    const { http } = job(address).scrapeConfigs[0]!;
    host.take({ kind: 'connect', client: 1, http: packHttp(http) });
    const settings: FetchSettings = {
      client: 1,
      url: `http://${address}/metrics`,
      headers: {},
      intervalMs: 1_000,
      turnMs: 500,
      timeoutMs: 900,
      bodyLimitBytes: 0,
      forcedError: undefined,
      parserId: 1,
      parser: {},
    };
    const add = (target: number, turnMs = 500): void =>
      host.take({ kind: 'scrape', target, generation: 1, settings: { ...settings, turnMs } });
    return { host, clock, answers, rests, reported, add };
  }
  /** Lets all that is about to be called be called. */
  const passed = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

  it('are waited for until two are left', async () => {
    const { clock, answers, rests, reported, add } = await hostOf(0);
    for (let target = 1; target <= 4; target++) add(target);
    await clock.advance(500);
    await until(() => answers.length === 4, 'the requests');
    for (const [i, answer] of answers.entries()) {
      answer();
      await until(() => reported.length === i + 1, 'the report');
      await passed();
      expect(rests).toHaveLength(Math.min(i + 1, 2));
    }
    expect(rests).toEqual([REST_MS, REST_MS]);
  });

  it('that failed, or were removed while they were asked, are not waited for', async () => {
    const { host, clock, answers, rests, reported, add } = await hostOf(0);
    for (let target = 1; target <= 3; target++) add(target);
    await clock.advance(500);
    await until(() => answers.length === 3, 'the requests');
    host.take({ kind: 'stop', target: 1 });
    await clock.advance(900);
    await until(() => reported.length === 2, 'the failures');
    expect(new Set(reported)).toEqual(new Set([2, 3]));
    await passed();
    rests.splice(0);
    await clock.advance(100);
    await until(() => answers.length === 5, 'the next requests');
    answers[3]!();
    await until(() => reported.length === 3, 'the answer');
    await passed();
    expect(rests).toEqual([]);
  });

  it('are not waited for while new ones are asked, one after the other', async () => {
    const { clock, answers, rests, reported, add } = await hostOf(3);
    for (let target = 1; target <= 6; target++) add(target);
    for (let i = 0; i < 6; i++) {
      await until(() => answers.length > i, 'a request');
      answers[i]!();
      await until(() => reported.length > i, 'a report');
      await passed();
    }
    expect(rests).toEqual([]);
    // Later, in their turn, they are.
    await clock.advance(500);
    await until(() => answers.length === 12, 'the requests in turn');
    answers[6]!();
    await until(() => reported.length === 7, 'a report in turn');
    await passed();
    expect(rests).toEqual([REST_MS]);
  });
});

it('is done by the fetching thread', async () => {
  const open = new Set<() => void>();
  const address = await serve((request, response) => {
    const answer = (): void => {
      open.delete(answer);
      text(() => 'a 1\n')(request, response);
    };
    open.add(answer);
    response.on('close', () => open.delete(answer));
  });
  const halts = new Int32Array(new SharedArrayBuffer(4));
  const start = (settings: ThreadSettings): Worker => {
    const url = new URL('./halting-thread.ts', import.meta.url);
    return new Worker(url, { workerData: { ...settings, halts }, execArgv: [] });
  };
  const manager = new ScrapeManager({
    clock: systemClock,
    appendable: new MemoryStore(),
    version: '1.2.3',
    link: threadLink(systemClock, {}, { start }),
    observer: silentObserver,
  });
  onTestFinished(() => manager.close());
  const targets = [1, 2, 3].map((n) => `{targets: ["${address}"], labels: {n: "${n}"}}`).join(', ');
  const lines = ['job_name: a', 'scrape_interval: 1s', 'scrape_timeout: 1s', `static_configs: [${targets}]`];
  await manager.apply(config(`scrape_configs:\n  - ${lines.join('\n    ')}\n`));
  await until(() => open.size === 3, 'three new targets are asked');
  for (const answer of [...open]) answer();
  await until(() => open.size === 3, 'three targets are asked in their turns');
  expect(Atomics.load(halts, 0)).toBe(0);
  const [first] = open;
  first!();
  await until(() => Atomics.load(halts, 0) === 1, 'a halt');
});
