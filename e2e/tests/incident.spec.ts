/** «double11» at 60×: the order service falls ill, every open page says so, and the score says why. */
import { expect, test } from '@playwright/test';
import { within } from '../fixtures/bounds.ts';
import { DemoFleet } from '../fixtures/demo-fleet.ts';
import { until } from '../fixtures/poll.ts';
import { WatchroomServer } from '../fixtures/watchroom-server.ts';
import { WallPage } from '../pages/wall-page.ts';

interface Part {
  readonly id: string;
  readonly loss: number;
}

interface Explanation {
  readonly score: number | null;
  readonly parts: readonly Part[];
}

/** Points that one part of the explanation takes. */
function lossOf(parts: readonly Part[], id: string): number {
  return parts.find((part) => part.id === id)?.loss ?? 0;
}

test('the order service falls ill on every open page and its score says why', async ({ browser }) => {
  test.setTimeout(240_000);
  const fleet = await DemoFleet.start();
  const server = await WatchroomServer.start(fleet.config);
  const explain = async (service: string): Promise<Explanation> =>
    (await (await fetch(`${server.url}/api/services/${service}/health`)).json()) as Explanation;
  try {
    const pages = [new WallPage(await browser.newPage()), new WallPage(await browser.newPage())];
    for (const wall of pages) await wall.open(server.url);
    await expect(pages[0]!.tile('order')).toHaveAttribute('data-state', 'healthy', { timeout: 60_000 });

    await pages[0]!.page.getByRole('button', { name: /demo incident/i }).click();
    await pages[0]!.page.getByText('60×').click();
    await pages[0]!.page.getByRole('button', { name: /start/i }).click();
    await until('the score of order falls below 60 for errors and its exhausted pool', 60_000, async () => {
      const { score, parts } = await explain('order');
      const isAdded = Math.abs(parts.reduce((sum, { loss }) => sum + loss, 0) - (100 - (score ?? 0))) < 1e-6;
      return (
        score !== null &&
        score < 60 &&
        isAdded &&
        lossOf(parts, 'availability') > 0 &&
        lossOf(parts, 'saturation') > 0
      );
    });
    await until('the alert fires on the server', 60_000, async () => {
      const firing = await server.query('ALERTS{alertname="HealthLow",alertstate="firing",service="order"}');
      return firing.length > 0;
    });
    for (const wall of pages) {
      const toast = wall.page
        .getByRole('region', { name: /alerts/i })
        .getByText(/order/)
        .first();
      await expect(toast).toBeVisible({ timeout: within(3000) });
      await expect(wall.tile('order')).toHaveAttribute('data-state', 'critical');
    }

    for (const caller of ['gateway', 'cart']) {
      expect((await explain(caller)).score, caller).toBeLessThan(90);
    }
    for (const wall of pages) expect(wall.consoleErrors).toEqual([]);
  } finally {
    await server.stop();
    await fleet.stop();
  }
});
