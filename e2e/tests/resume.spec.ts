/**
 * What the wall does when it is cut off: it says so within six seconds, keeps and greys what it had, and afterwards shows
 * the server's points and nothing else, without a reload.
 */
import { expect, test } from '@playwright/test';
import { within } from '../fixtures/bounds.ts';
import { compareWithServer } from '../fixtures/compare-series.ts';
import { configFor, Exporter } from '../fixtures/exporter.ts';
import { until } from '../fixtures/poll.ts';
import { TcpProxy } from '../fixtures/tcp-proxy.ts';
import { WatchroomServer } from '../fixtures/watchroom-server.ts';
import { WallPage } from '../pages/wall-page.ts';

const STALE_WITHIN_MS = within(6000);
const LIVE_WITHIN_MS = within(5000);
/** Long enough for the points around the cut to settle on both sides. */
const SETTLE_MS = 15_000;
/** How long the killed server stays away; longer by hand: WATCHROOM_OUTAGE_S=60. */
const OUTAGE_MS = Number(process.env['WATCHROOM_OUTAGE_S'] ?? 20) * 1000;

const exporters = new Map<string, Exporter>();
let server: WatchroomServer;

test.beforeAll(async () => {
  for (const name of ['order', 'payment', 'search']) {
    const exporter = new Exporter();
    await exporter.start();
    exporters.set(name, exporter);
  }
  server = await WatchroomServer.start(configFor(exporters));
});

test.afterAll(async () => {
  await server.stop();
  for (const exporter of exporters.values()) await exporter.stop();
});

async function expectSamePoints(wall: WallPage): Promise<void> {
  await wall.page.waitForTimeout(SETTLE_MS);
  const { compared, differences } = await compareWithServer(server, await wall.channels());
  expect(differences.slice(0, 10)).toEqual([]);
  expect(compared).toBeGreaterThan(50);
}

test('killed and started again, the server is on the wall within five seconds and the gap is a gap', async ({
  page,
}) => {
  const wall = new WallPage(page);
  await wall.open(server.url);
  await expect(wall.tile('order')).toBeVisible();
  await page.waitForTimeout(10_000);
  const origin = await wall.timeOrigin();
  const before = await wall.channels();

  const killedAtMs = Date.now();
  await server.kill('SIGKILL');
  const staleAfterMs = await until('the wall says it is cut off', STALE_WITHIN_MS, () =>
    wall.stale.isVisible(),
  );
  await expect(wall.tile('order')).toBeVisible();
  await expect(page.getByRole('alert').first()).toContainText(/\d+ s/);
  const during = await wall.channels();
  expect(during.length).toBe(before.length);

  await page.waitForTimeout(OUTAGE_MS - (Date.now() - killedAtMs));
  await server.run();
  const liveAfterMs = await until('the wall is live again', LIVE_WITHIN_MS, () => wall.live.isVisible());
  test.info().annotations.push({
    type: 'measured',
    description: `stale after ${Math.round(staleAfterMs)} ms, live after ${Math.round(liveAfterMs)} ms`,
  });
  await expectSamePoints(wall);
  expect(await wall.timeOrigin()).toBe(origin);

  const middleS = Math.round((killedAtMs + OUTAGE_MS * 0.6) / 1000);
  expect(await server.query('up', middleS)).toEqual([]);
  expect(wall.consoleErrors).toEqual([]);
});

test('packets dropped without a reset are noticed, and nothing is lost or doubled', async ({ page }) => {
  const proxy = await TcpProxy.start(server.port);
  const wall = new WallPage(page);
  await wall.open(proxy.url);
  await expect(wall.tile('order')).toBeVisible();
  await page.waitForTimeout(5000);
  const origin = await wall.timeOrigin();

  proxy.freeze();
  await until('the wall says it is cut off', STALE_WITHIN_MS, () => wall.stale.isVisible());
  await page.waitForTimeout(8000);
  proxy.thaw();
  await until('the wall is live again', LIVE_WITHIN_MS, () => wall.live.isVisible());
  await expectSamePoints(wall);
  expect(await wall.timeOrigin()).toBe(origin);
  await proxy.stop();
});

test('a tab whose clock is ten minutes wrong shows the server’s ages and points', async ({ page }) => {
  await page.addInitScript(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 600_000;
  });
  const wall = new WallPage(page);
  await wall.open(server.url);
  await expect(wall.tile('order')).toBeVisible();
  await page.waitForTimeout(5000);
  await expect(wall.tile('order')).toHaveAttribute('data-late', 'false');

  await server.kill('SIGKILL');
  await until('the wall says it is cut off', STALE_WITHIN_MS, () => wall.stale.isVisible());
  await server.run();
  await until('the wall is live again', LIVE_WITHIN_MS, () => wall.live.isVisible());
  await expectSamePoints(wall);
});
