/** Frames in another page: refused unless its origin is listed; without chrome, as large as the frame, in its theme. */
import { expect, test } from '@playwright/test';
import { collectErrors } from '../fixtures/browser-errors.ts';
import { configFor, Exporter } from '../fixtures/exporter.ts';
import { Portal } from '../fixtures/portal.ts';
import { WatchroomServer } from '../fixtures/watchroom-server.ts';

const exporter = new Exporter();
const [listed, unlisted] = [new Portal(), new Portal()];
let server: WatchroomServer;

test.beforeAll(async () => {
  await Promise.all([exporter.start(), listed.start(), unlisted.start()]);
  const settings = `watchroom:
  health: {interval: 1s}
  embed: {allowed_origins: ['${listed.origin}']}
`;
  server = await WatchroomServer.start(configFor(new Map([['order', exporter]]), settings));
});

test.afterAll(async () => {
  await server.stop();
  await Promise.all([exporter.stop(), listed.stop(), unlisted.stop()]);
});

for (const path of ['/embed/service/order', '/embed/panel/service/order/latency']) {
  test(`${path} fills a listed portal's frame, live and without chrome`, async ({ page }) => {
    const errors = collectErrors(page);
    await page.goto(listed.framing(`${server.url}${path}?theme=light`));
    const frame = page.frameLocator('iframe');
    await expect(frame.locator('main[data-connection="live"]')).toBeVisible();
    await expect(frame.locator('main')).toContainText('order');
    await expect(frame.locator('html')).toHaveAttribute('data-theme', 'light');
    await expect(frame.locator('nav')).toHaveCount(0);
    const box = await frame.locator('main').boundingBox();
    expect([box?.width, box?.height]).toEqual([640, 360]);
    const scrolls = await frame
      .locator('html')
      .evaluate((root) => root.scrollWidth > root.clientWidth || root.scrollHeight > root.clientHeight);
    expect(scrolls).toBe(false);
    expect(errors).toEqual([]);
  });
}

test('an origin that is not listed gets no frame', async ({ page }) => {
  const errors = collectErrors(page);
  await page.goto(unlisted.framing(`${server.url}/embed/service/order`));
  await expect.poll(() => errors.join()).toContain('frame-ancestors');
  await expect(page.frameLocator('iframe').locator('main')).toHaveCount(0);
});

test('pages with controls are framed by nobody, listed or not', async ({ page }) => {
  const errors = collectErrors(page);
  await page.goto(listed.framing(`${server.url}/targets`));
  await expect.poll(() => errors.join()).toMatch(/frame-ancestors|X-Frame-Options/);
  await expect(page.frameLocator('iframe').locator('main')).toHaveCount(0);
});
