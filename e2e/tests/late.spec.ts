/** A target that stops is seen on its own tile only, within two intervals and a second; no data reads unknown. */
import { expect, test } from '@playwright/test';
import { within } from '../fixtures/bounds.ts';
import { configFor, Exporter } from '../fixtures/exporter.ts';
import { freePort } from '../fixtures/free-port.ts';
import { until } from '../fixtures/poll.ts';
import { WatchroomServer } from '../fixtures/watchroom-server.ts';
import { WallPage } from '../pages/wall-page.ts';

const INTERVAL_MS = 1000;
const LATE_WITHIN_MS = within(2 * INTERVAL_MS + 1000);

const exporters = new Map<string, Exporter>();
let server: WatchroomServer;

test.beforeAll(async () => {
  for (const name of ['cart', 'order', 'payment', 'user']) {
    const exporter = new Exporter();
    await exporter.start();
    exporters.set(name, exporter);
  }
  const silent = `  - job_name: silent
    static_configs:
      - targets: ['127.0.0.1:${await freePort()}']
        labels: {service: never-seen}
`;
  server = await WatchroomServer.start(configFor(exporters, silent));
});

test.afterAll(async () => {
  await server.stop();
  for (const exporter of exporters.values()) await exporter.stop();
});

for (const how of ['refuses', 'hangs'] as const) {
  test(`a target that ${how} turns its own tile late and no other`, async ({ page }) => {
    const victim = how === 'refuses' ? 'order' : 'payment';
    const wall = new WallPage(page);
    await wall.open(server.url);
    for (const name of exporters.keys()) await expect(wall.tile(name)).toHaveAttribute('data-late', 'false');
    await expect(wall.tile(victim)).toHaveAttribute('data-state', 'healthy');

    const exporter = exporters.get(victim)!;
    if (how === 'refuses') await exporter.stop();
    else exporter.mode = 'hang';
    const tookMs = await until(`${victim} is late`, LATE_WITHIN_MS, async () => {
      return (await wall.tile(victim).getAttribute('data-late')) === 'true';
    });
    test
      .info()
      .annotations.push({ type: 'measured', description: `${how}: late after ${Math.round(tookMs)} ms` });
    await expect(wall.tile(victim)).toContainText(/\d+ s/);
    for (const name of exporters.keys()) {
      if (name !== victim) await expect(wall.tile(name)).toHaveAttribute('data-late', 'false');
    }

    if (how === 'refuses') await exporter.start();
    else exporter.mode = 'answer';
    await expect(wall.tile(victim)).toHaveAttribute('data-late', 'false');
    expect(wall.consoleErrors).toEqual([]);
  });
}

test('a service that never gave data reads unknown, not healthy', async ({ page }) => {
  const wall = new WallPage(page);
  await wall.open(server.url);
  await expect(wall.tile('never-seen')).toHaveAttribute('data-state', 'unknown');
  await expect(wall.tile('never-seen')).toContainText(/unknown/i);
});
