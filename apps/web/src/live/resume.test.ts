// @vitest-environment node
import { isNone, type SeriesWindow, seriesId } from '@watchroom/chart-data';
import { LiveHub } from '@watchroom/live';
import { ManualClock, seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { LiveClient } from './live-client.ts';
import { LiveConnection } from './live-connection.ts';
import type { QueryChannel } from './query-channel.ts';
import { FakeNetwork } from './test/fake-network.ts';
import { FakeWorld } from './test/fake-world.ts';

/** A server that can be killed and started again, one page, and the network between them. */
class Scene {
  readonly clock = new ManualClock(1_700_000_000_123);
  readonly random: () => number;
  readonly network: FakeNetwork;
  readonly world: FakeWorld;
  readonly client: LiveClient;
  readonly channels: QueryChannel[];
  #runs = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.network = new FakeNetwork(this.clock, () => 1 + this.random() * 30);
    this.world = new FakeWorld(this.clock, this.random);
    for (const name of ['a', 'b', 'c']) this.world.addTarget(name);
    this.startServer();
    const connection = new LiveConnection({
      open: this.network.open,
      clock: this.clock,
      random: this.random,
    });
    this.client = new LiveClient({ connection, clock: this.clock });
    const specs = [
      { query: '1', windowMs: 60_000, stepMs: 1000 },
      { query: '2', windowMs: 30_000, stepMs: 1000 },
      { query: '3', windowMs: 600_000, stepMs: 5000, head: 'cell' as const },
      { query: '4', windowMs: 0, stepMs: 1000 },
    ];
    this.channels = specs.map((spec) => this.client.query(spec));
    for (const channel of this.channels) this.client.hold(channel);
    this.client.start();
  }

  startServer(): void {
    const hub = new LiveHub({
      clock: this.clock,
      epoch: `run ${++this.#runs}`,
      evaluate: this.world.evaluate,
      feeds: () => ({ selectors: [{ metricName: 'm', equals: [] }] }),
      hello: () => ({ version: '1', webBuild: '1', outages: [] }),
    });
    this.network.hub = hub;
    this.world.hub = hub;
  }

  killServer(): void {
    this.network.hub?.close();
    this.network.hub = undefined;
    this.world.hub = undefined;
    this.network.cut();
  }

  async calm(): Promise<void> {
    this.network.blackHole = false;
    this.network.backUp(false);
    if (!this.network.hub) this.startServer();
    await this.clock.advance(12_000);
  }

  expectEqual(): void {
    for (const { spec, window } of this.channels) {
      const gridMs = Math.floor(this.clock.now() / spec.stepMs) * spec.stepMs;
      expect(window.toMs, `last grid time of ${spec.query}`).toBeGreaterThanOrEqual(gridMs - spec.stepMs * 2);
      const wanted = new Map<string, number>();
      for (const { labels, times, values } of this.world.answer(spec, Array.from(window.times))) {
        for (let i = 0; i < times.length; i++)
          wanted.set(`${seriesId(labels.toObject())} ${times[i]}`, values[i]!);
      }
      expect(Object.fromEntries(pointsOf(window)), `query ${spec.query}`).toEqual(Object.fromEntries(wanted));
      const count = spec.windowMs === 0 ? 0 : Math.floor(spec.windowMs / spec.stepMs) + 1;
      expect(window.length).toBe(count);
      for (let i = 1; i < window.length; i++)
        expect(window.times[i]! - window.times[i - 1]!).toBe(spec.stepMs);
      expect(window.headMs).toBeDefined();
      const heads = this.world.answer(spec, [window.headMs!]);
      expect(new Set(window.series.filter((s) => !isNone(s.head)).map((s) => `${s.id} ${s.head}`))).toEqual(
        new Set(heads.map((s) => `${seriesId(s.labels.toObject())} ${s.values[0]}`)),
      );
    }
  }
}

function pointsOf(window: SeriesWindow): Map<string, number> {
  const points = new Map<string, number>();
  for (const series of window.series) {
    series.values.forEach((value, i) => {
      if (!isNone(value)) points.set(`${series.id} ${window.times[i]}`, value);
    });
  }
  return points;
}

async function disturb(scene: Scene): Promise<void> {
  const { network, random, clock, world } = scene;
  const dice = random();
  if (dice < 0.2) network.cut();
  else if (dice < 0.35) network.silence();
  else if (dice < 0.5) {
    scene.killServer();
    await clock.advance(random() * 20_000);
    scene.startServer();
  } else if (dice < 0.6) {
    network.blackHole = true;
    network.cut();
    await clock.advance(random() * 8000);
    network.blackHole = false;
  } else if (dice < 0.8) {
    network.backUp(true);
    await clock.advance(random() * 3000);
    network.backUp(false);
  } else if (dice < 0.9) {
    const target = world.targets[Math.floor(random() * world.targets.length)]!;
    target.alive = !target.alive;
  } else world.addTarget(`t${world.targets.length}`);
}

describe('a page that is cut off again and again', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'ends with exactly the points of the server (seed %i)',
    async (seed) => {
      const scene = new Scene(seed);
      await scene.clock.advance(3000);
      for (let i = 0; i < 12; i++) {
        await disturb(scene);
        await scene.clock.advance(scene.random() * 4000);
      }
      await scene.calm();
      // Scrapes end, and what was on its way has landed: from here on nothing changes but time.
      scene.world.stop();
      await scene.clock.advance(8000);
      scene.expectEqual();
      expect(scene.client.connection.status.state).toBe('live');
      expect(scene.world.scrapes).toBeGreaterThan(20);
    },
    60_000,
  );
});

describe('a connection', () => {
  it('is back within 5 s of the server, with the same window object filled', async () => {
    const scene = new Scene(11);
    await scene.clock.advance(20_000);
    expect(scene.client.connection.status.state).toBe('live');
    scene.killServer();
    await scene.clock.advance(60_000);
    expect(scene.client.connection.status.state).toBe('lost');
    const held = pointsOf(scene.channels[0]!.window).size;
    expect(scene.channels[0]!.stale).toBe(true);
    expect(held).toBeGreaterThan(0);
    scene.startServer();
    await scene.clock.advance(5000);
    expect(scene.client.connection.status.state).toBe('live');
    expect(scene.client.connection.status.epoch).toBe('run 2');
    scene.world.stop();
    await scene.clock.advance(8000);
    scene.expectEqual();
    expect(scene.network.hub!.stats().fills).toBeGreaterThan(0);
    expect(scene.channels.map(({ stale }) => stale)).toEqual([false, false, false, false]);
  });

  it('turns stale within 6 s when packets are dropped without a reset, and recovers', async () => {
    const scene = new Scene(12);
    await scene.clock.advance(10_000);
    scene.network.silence();
    scene.network.blackHole = true;
    await scene.clock.advance(6000);
    expect(scene.client.connection.status.state).toBe('stale');
    await scene.clock.advance(6000);
    expect(scene.client.connection.status.state).toBe('lost');
    scene.network.blackHole = false;
    await scene.clock.advance(5000);
    expect(scene.client.connection.status.state).toBe('live');
    scene.world.stop();
    await scene.clock.advance(8000);
    scene.expectEqual();
    expect(scene.network.links).toBe(1);
  });

  // Where a message comes between waking and the look for sleep (seeds 14 to 16), it tells of the sleep first.
  it.each([14, 15, 16, 17])(
    'calls everything stale after a sleep, counts the sleep once, and fills what was missed (seed %i)',
    async (seed) => {
      const scene = new Scene(seed);
      await scene.clock.advance(10_000);
      const { connection } = scene.client;
      // The page's monotonic clock stood still for 20 s; the server's wall clock did not.
      scene.clock.setWall(scene.clock.now() + 20_000);
      scene.network.blackHole = true;
      await scene.clock.advance(500);
      expect(connection.status.state).toBe('stale');
      expect(Math.abs(connection.serverClock.now()! - scene.clock.now())).toBeLessThan(30);
      scene.network.blackHole = false;
      await scene.clock.advance(5000);
      expect(connection.status.state).toBe('live');
      scene.world.stop();
      await scene.clock.advance(8000);
      scene.expectEqual();
    },
  );

  it('knows the server time although the wall clock of the page is wrong', async () => {
    const scene = new Scene(13);
    await scene.clock.advance(10_000);
    expect(Math.abs(scene.client.connection.serverClock.now()! - scene.clock.now())).toBeLessThan(30);
    scene.clock.setWall(scene.clock.now() - 600_000);
    await scene.clock.advance(10_000);
    expect(Math.abs(scene.client.connection.serverClock.now()! - scene.clock.now())).toBeLessThan(30);
  });
});
