import { HEARTBEAT_MS } from '@watchroom/contract';
import { describe, expect, it } from 'vitest';
import { LiveProblem } from '../src/index.ts';
import { Client, START_MS, World } from './world.ts';

describe('evaluation', () => {
  it('happens once for equal subscriptions, and a newcomer gets the snapshot without one', async () => {
    const world = new World();
    const first = new Client(world.hub);
    first.subscribe();
    await world.clock.advance(10);
    const second = new Client(world.hub);
    second.subscribe();
    expect(world.hub.stats()).toMatchObject({ evaluations: 1, sharedQueries: 1, snapshots: 2 });
    expect(second.of('frame')[0]!.block).toEqual(first.of('frame')[0]!.block);
    expect(first.of('frame')[0]).toMatchObject({
      kind: 'snapshot',
      seq: 1,
      fromMs: START_MS - 10_000,
      toMs: START_MS,
    });
  });

  it('follows the first feed within 20 ms and merges the next ones into gaps of 100 ms', async () => {
    const world = new World();
    const client = new Client(world.hub);
    client.subscribe();
    await world.clock.advance(500);
    world.feed();
    await world.clock.advance(19);
    expect(client.of('frame')).toHaveLength(1);
    await world.clock.advance(2);
    expect(client.of('frame')).toHaveLength(2);
    for (let i = 0; i < 10; i++) {
      world.feed();
      await world.clock.advance(9);
    }
    expect(client.of('frame')).toHaveLength(2);
    await world.clock.advance(20);
    expect(client.of('frame')).toHaveLength(3);
    expect(client.of('frame')[2]!.fedAtMs).toBe(START_MS + 500 + 21 + 81);
  });

  it('leaves ten times its cost between evaluations', async () => {
    const world = new World();
    new Client(world.hub).subscribe();
    await world.clock.advance(10);
    world.costMs = 50;
    world.feed();
    await world.clock.advance(200);
    const before = world.hub.stats().evaluations;
    for (let i = 0; i < 25; i++) {
      world.feed();
      await world.clock.advance(10);
    }
    expect(world.hub.stats().evaluations).toBe(before);
    await world.clock.advance(300);
    expect(world.hub.stats().evaluations).toBe(before + 1);
  });

  it('of many queries leaves most of the core to others', async () => {
    const world = new World({
      evaluate: (_spec, at) => ({ series: [], costMs: 'timeMs' in at ? 1 : 2 }),
    });
    const client = new Client(world.hub);
    for (let i = 0; i < 50; i++) client.subscribe({ query: `m${i}` }, undefined, `q${i}`);
    await world.clock.advance(2000);
    const before = world.hub.stats();
    for (let i = 0; i < 100; i++) {
      world.feed();
      await world.clock.advance(50);
    }
    const seconds = world.hub.stats().evaluationSeconds - before.evaluationSeconds;
    expect(seconds / 5).toBeLessThan(0.35);
    expect(seconds / 5).toBeGreaterThan(0.2);
  });

  it('is not asked for by feeds that cannot reach the query', async () => {
    const filter = { selectors: [{ metricName: 'm', equals: [['job', 'x']] as const }] };
    const world = new World({ filter });
    new Client(world.hub).subscribe();
    await world.clock.advance(10);
    world.feed(0, 'other', { job: 'x' });
    world.feed(0, 'm', { job: 'y' });
    await world.clock.advance(300);
    expect(world.hub.stats().evaluations).toBe(1);
    world.feed(0, 'm', { instance: 'i' });
    await world.clock.advance(300);
    expect(world.hub.stats().evaluations).toBe(2);
  });

  it('closes grid times in silence, no more often than the step', async () => {
    const world = new World();
    const client = new Client(world.hub);
    client.subscribe({ stepMs: 2000, windowMs: 20_000 });
    await world.clock.advance(20_000);
    expect(world.hub.stats().idleEvaluations).toBeGreaterThanOrEqual(8);
    expect(world.hub.stats().idleEvaluations).toBeLessThanOrEqual(10);
    expect(client.of('frame').at(-1)!.toMs).toBeGreaterThanOrEqual(START_MS + 18_000);
  });

  it('asks again for the points that a late scrape may change, and sends only what changed', async () => {
    const world = new World();
    const client = new Client(world.hub);
    client.subscribe();
    await world.clock.advance(8000);
    world.answer = (timeMs) => ({ a: timeMs / 1000 + (timeMs === START_MS + 3000 ? 0.5 : 0) });
    world.feed(5000);
    await world.clock.advance(900);
    const corrected = client
      .of('frame')
      .find(
        ({ block }) =>
          block?.times.includes(START_MS + 3000) && block.values[0]!.includes(START_MS / 1000 + 3.5),
      );
    expect(corrected).toBeDefined();
    expect(corrected!.block!.times).not.toContain(START_MS + 4000);
  });

  it('says that a point has no value any more', async () => {
    const world = new World();
    const client = new Client(world.hub);
    client.subscribe();
    await world.clock.advance(2100);
    world.answer = (timeMs): Record<string, number> =>
      timeMs >= START_MS + 1000 ? {} : { a: timeMs / 1000 };
    world.feed(2000);
    await world.clock.advance(200);
    const last = client.of('frame').at(-1)!;
    expect(last.block).toEqual({
      times: [START_MS + 1000, START_MS + 2000],
      keys: [1],
      values: [[null, null]],
    });
    expect(last.head).toMatchObject({ keys: [], values: [] });
    await world.clock.advance(15_000);
    expect(client.of('frame').flatMap(({ removed }) => removed ?? [])).toEqual([1]);
    expect(world.hub.stats().cells).toBe(0);
  });

  it('puts the head at the newest sample, or at the next grid time for cells', async () => {
    const world = new World();
    const now = new Client(world.hub);
    now.subscribe();
    const cell = new Client(world.hub);
    cell.subscribe({ head: 'cell' });
    await world.clock.advance(400);
    world.feed(100);
    await world.clock.advance(50);
    expect(now.of('frame').at(-1)!.head!.timeMs).toBe(START_MS + 300);
    expect(cell.of('frame').at(-1)!.head!.timeMs).toBe(START_MS + 1000);
    expect(cell.of('frame').at(-1)!.block?.times ?? []).not.toContain(START_MS + 1000);
  });

  it('starts anew when the clock of the server is set back', async () => {
    const world = new World();
    const client = new Client(world.hub);
    client.subscribe();
    await world.clock.advance(2000);
    world.clock.setWall(START_MS - 3_600_000);
    await world.clock.advance(1500);
    expect(client.of('frame').findLast(({ kind }) => kind === 'snapshot')!.toMs).toBeLessThan(
      START_MS - 3_590_000,
    );
  });
});

describe('a cut', () => {
  it('is filled from the overlap within one run and across runs', async () => {
    const world = new World();
    new Client(world.hub).subscribe();
    await world.clock.advance(8000);
    const have = { seq: 3, toMs: START_MS + 6000 };
    const same = new Client(world.hub);
    same.subscribe({}, { ...have, epoch: 'run' });
    const other = new Client(world.hub);
    other.subscribe({}, { ...have, epoch: 'before' });
    const [fill] = same.of('frame');
    expect(fill).toMatchObject({ kind: 'fill', seq: 1, series: [{ key: 1, labels: { instance: 'a' } }] });
    expect(fill!.block!.times[0]).toBe(START_MS + 3000);
    expect(other.of('frame')[0]).toMatchObject({ kind: 'fill' });
    expect(other.of('frame')[0]!.block!.times[0]).toBe(START_MS - 3000);
  });

  it('that is older than the window, or of the future, is answered with a snapshot', async () => {
    const world = new World();
    for (const toMs of [0, START_MS - 11_000, START_MS + 60_000]) {
      const client = new Client(world.hub);
      client.subscribe({}, { epoch: 'run', seq: 1, toMs });
      await world.clock.advance(10);
      expect(client.of('frame')[0]!.kind).toBe('snapshot');
    }
  });

  it('during which old points changed is filled from the oldest of them', async () => {
    const world = new World();
    new Client(world.hub).subscribe();
    await world.clock.advance(9000);
    world.answer = (timeMs) => ({ a: -timeMs });
    world.feed(8000);
    await world.clock.advance(300);
    const client = new Client(world.hub);
    client.subscribe({}, { epoch: 'run', seq: 1, toMs: START_MS + 8000 });
    expect(client.of('frame')[0]!.block!.times[0]).toBe(START_MS + 1000);
  });
});

describe('a beat', () => {
  it('comes each second to a client that hears nothing else', async () => {
    const world = new World();
    const client = new Client(world.hub);
    await world.clock.advance(3500);
    const beats = client.of('beat').map(({ serverMs }) => serverMs - START_MS);
    expect(beats).toEqual([1000, 2000, 3000]);
  });

  it('wakes nobody while nobody is connected, and comes again to the next one who is', async () => {
    const world = new World();
    expect(world.clock.pendingTimers).toBe(0);
    new Client(world.hub).session.close();
    await world.clock.advance(1500);
    expect(world.clock.pendingTimers).toBe(0);
    const next = new Client(world.hub);
    await world.clock.advance(3500);
    expect(next.of('beat')).toHaveLength(3);
  });

  it('is left out while frames tell the time, and none is silent for more than two of its periods', async () => {
    const world = new World();
    const client = new Client(world.hub);
    client.subscribe();
    for (let i = 0; i < 5; i++) {
      world.feed();
      await world.clock.advance(1000);
    }
    expect(client.of('frame').length).toBeGreaterThanOrEqual(5);
    expect(client.of('beat')).toHaveLength(0);
    client.session.unsubscribe('q');
    await world.clock.advance(5000);
    expect(client.of('beat').length).toBeGreaterThanOrEqual(3);
    const heardMs = client.sent.map(({ message }) => message.serverMs);
    const gaps = heardMs.slice(1).map((at, i) => at - heardMs[i]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * HEARTBEAT_MS);
  });
});

describe('a slow client', () => {
  it('gets one merged frame, newest values, gapless; others are not delayed', async () => {
    const world = new World();
    const slow = new Client(world.hub);
    const fast = new Client(world.hub);
    for (const client of [slow, fast]) client.subscribe();
    await world.clock.advance(100);
    slow.backedUp = true;
    for (let i = 0; i < 5; i++) {
      world.feed();
      await world.clock.advance(1000);
    }
    const seen = fast.of('frame').length;
    expect(seen).toBeGreaterThanOrEqual(6);
    expect(slow.of('frame')).toHaveLength(1);
    expect(world.hub.stats().merged).toBeGreaterThan(0);
    expect(world.hub.stats().beatsSkipped).toBeGreaterThanOrEqual(5);
    expect(slow.of('beat')).toHaveLength(0);
    slow.backedUp = false;
    slow.session.drained();
    const [, merged] = slow.of('frame');
    expect(merged).toMatchObject({ seq: 2, kind: 'delta', toMs: fast.of('frame').at(-1)!.toMs });
    expect(merged!.head).toEqual(fast.of('frame').at(-1)!.head);
    expect(merged!.block!.times).toEqual(
      [1, 2, 3, 4, 5].map((i) => START_MS + i * 1000).filter((t) => t <= merged!.toMs),
    );
    expect(merged!.serverMs).toBe(world.clock.now());
  });

  it('that never drains holds no messages', async () => {
    const world = new World();
    const slow = new Client(world.hub);
    slow.backedUp = true;
    slow.subscribe();
    slow.session.subscribe({ id: 't', channel: { kind: 'topic', topic: 'alerts' } });
    for (let i = 0; i < 50; i++) {
      world.feed();
      world.hub.publishTopic('alerts', { x: i }, ['y']);
      await world.clock.advance(1000);
    }
    slow.backedUp = false;
    slow.session.drained();
    expect(slow.of('frame').map(({ kind, seq }) => [kind, seq])).toEqual([['snapshot', 1]]);
    expect(slow.of('topic')).toMatchObject([{ kind: 'snapshot', seq: 1, set: { x: 49 } }]);
  });
});

describe('topics', () => {
  it('send the document, then what changes', async () => {
    const world = new World();
    world.hub.publishTopic('services', { a: 1, b: 2 }, [], START_MS - 5);
    const client = new Client(world.hub);
    client.session.subscribe({ id: 't', channel: { kind: 'topic', topic: 'services' } });
    world.hub.publishTopic('services', { a: 3 }, ['b'], START_MS);
    expect(client.of('topic')).toMatchObject([
      { kind: 'snapshot', seq: 1, set: { a: 1, b: 2 }, remove: [], fedAtMs: START_MS - 5, epoch: 'run' },
      { kind: 'delta', seq: 2, set: { a: 3 }, remove: ['b'], fedAtMs: START_MS },
    ]);
    client.session.unsubscribe('t');
    world.hub.publishTopic('services', { a: 4 });
    expect(client.of('topic')).toHaveLength(2);
  });

  it('are brought up to date for the first who watches, and need not be while nobody does', () => {
    const world = new World();
    const asked: string[] = [];
    world.hub.onTopicWatched((topic) => {
      asked.push(topic);
      world.hub.publishTopic(topic, { a: asked.length }, [], START_MS);
    });
    const [one, two] = [new Client(world.hub), new Client(world.hub)];
    expect(world.hub.isWatched('services')).toBe(false);
    one.session.subscribe({ id: 't', channel: { kind: 'topic', topic: 'services' } });
    two.session.subscribe({ id: 't', channel: { kind: 'topic', topic: 'services' } });
    expect(asked).toEqual(['services']);
    expect(one.of('topic')).toMatchObject([{ kind: 'snapshot', set: { a: 1 }, fedAtMs: START_MS }]);
    expect(world.hub.isWatched('services')).toBe(true);
    one.session.close();
    two.session.unsubscribe('t');
    expect(world.hub.isWatched('services')).toBe(false);
    two.session.subscribe({ id: 't', channel: { kind: 'topic', topic: 'services' } });
    expect(two.of('topic').at(-1)).toMatchObject({ kind: 'snapshot', set: { a: 2 } });
    expect(asked).toHaveLength(2);
  });
});

describe('problems', () => {
  it('of a passing kind keep the channel open', async () => {
    const world = new World();
    const client = new Client(world.hub);
    world.failure = new LiveProblem('execution', 'timed out');
    client.subscribe();
    await world.clock.advance(10);
    expect(client.of('problem')).toMatchObject([{ id: 'q', code: 'execution', message: 'timed out' }]);
    world.failure = undefined;
    await world.clock.advance(3000);
    expect(client.of('frame')[0]).toMatchObject({ kind: 'snapshot', seq: 1 });
  });

  it('that are bugs are told to the observer, not to the client', async () => {
    const seen: unknown[] = [];
    const world = new World({ observer: { unexpected: (error) => void seen.push(error) } });
    const client = new Client(world.hub);
    world.failure = new TypeError('secret detail');
    client.subscribe();
    await world.clock.advance(10);
    expect(seen).toEqual([world.failure]);
    expect(client.of('problem')[0]!.message).not.toContain('secret');
  });

  it('of a query that does not parse close the channel', () => {
    const world = new World({
      feeds: () => {
        throw new LiveProblem('bad_query', 'no');
      },
    });
    const client = new Client(world.hub);
    client.subscribe();
    expect(client.of('problem')).toMatchObject([{ code: 'bad_query' }]);
    expect(client.session.subscriptionCount).toBe(0);
    expect(world.hub.stats().sharedQueries).toBe(0);
  });
});

describe('bounds', () => {
  it('on cells per query close the channel and give the room back', async () => {
    const world = new World({ limits: { cellsPerQuery: 20 } });
    const client = new Client(world.hub);
    world.answer = () => ({ a: 1, b: 2 });
    client.subscribe();
    await world.clock.advance(10);
    expect(client.of('problem')).toMatchObject([{ code: 'limit' }]);
    expect(world.hub.stats()).toMatchObject({ subscriptions: 0, sharedQueries: 0, cells: 0 });
  });

  it('on queries make room by dropping unused ones first', async () => {
    const world = new World({ limits: { queries: 2 } });
    const client = new Client(world.hub);
    client.subscribe({ query: '1' }, undefined, '1');
    client.subscribe({ query: '2' }, undefined, '2');
    client.subscribe({ query: '3' }, undefined, '3');
    expect(client.of('problem')).toMatchObject([{ id: '3', code: 'limit' }]);
    client.session.unsubscribe('1');
    client.subscribe({ query: '3' }, undefined, '3');
    expect(client.of('problem')).toHaveLength(1);
    expect(world.hub.stats().sharedQueries).toBe(2);
  });

  it('refuse windows of too many points', () => {
    const world = new World();
    const client = new Client(world.hub);
    client.subscribe({ windowMs: 86_400_000, stepMs: 1000 });
    expect(client.of('problem')).toMatchObject([{ code: 'limit' }]);
  });
});

it('leaves no timers and no shared queries behind', async () => {
  const world = new World();
  const client = new Client(world.hub);
  client.subscribe();
  await world.clock.advance(1000);
  client.session.close();
  await world.clock.advance(20_000);
  expect(world.hub.stats()).toMatchObject({ clients: 0, subscriptions: 0, sharedQueries: 0, cells: 0 });
  world.hub.close();
  expect(world.clock.pendingTimers).toBe(0);
});
