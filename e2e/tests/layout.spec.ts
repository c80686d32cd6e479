/** The wall fits every screen: no scroll bars, no clipped text, from 1 to 200 services. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { number } from '../acceptance/lib/api.ts';
import { DemoFleet } from '../fixtures/demo-fleet.ts';
import { WatchroomServer } from '../fixtures/watchroom-server.ts';
import { WallPage } from '../pages/wall-page.ts';

const SCREENS = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
  { width: 3840, height: 2160 },
  { width: 1080, height: 1920 },
] as const;

/** Elements with text of their own that does not fit their box or one around it, and scroll bars. */
function clippedText(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) faults.push(`page is ${root.scrollWidth} px wide`);
    if (root.scrollHeight > root.clientHeight) faults.push(`page is ${root.scrollHeight} px high`);
    for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
      const style = getComputedStyle(element);
      if (style.visibility === 'hidden' || style.display === 'none') continue;
      const scrolls = /auto|scroll/.test(style.overflowX + style.overflowY);
      const box = element.getBoundingClientRect();
      if (box.width <= 1 || box.height <= 1) continue;
      const tooWide = element.scrollWidth > element.clientWidth + 1;
      const tooHigh = element.scrollHeight > element.clientHeight + 1;
      if (scrolls && (tooWide || tooHigh)) faults.push(`scroll bar: ${element.className}`);
      const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
      if (!ownText || element.clientWidth === 0) continue;
      const clips = /hidden|clip/.test(style.overflowX + style.overflowY);
      if (clips && (tooWide || tooHigh)) faults.push(`clipped: ${element.textContent?.slice(0, 60)}`);
      const text = new Range();
      text.selectNodeContents(element);
      const drawn = text.getBoundingClientRect();
      for (let outer = element.parentElement; outer; outer = outer.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(outer);
        const { right, bottom, width } = outer.getBoundingClientRect();
        // Read out, never shown.
        if (width <= 1) break;
        if (!/hidden|clip/.test(overflowX + overflowY)) continue;
        if (drawn.right > right + 1 || drawn.bottom > bottom + 1)
          faults.push(`cut by ${outer.className}: ${element.textContent?.slice(0, 60)}`);
      }
      if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1) {
        faults.push(`outside the screen: ${element.textContent?.slice(0, 60)}`);
      }
    }
    return faults;
  });
}

/** Until the tiles have stayed where they are for some frames: a screen that has just changed has those of the one before. */
function laidOut(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const STILL_FRAMES = 15;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    let before = '';
    for (let still = 0; still < STILL_FRAMES; still++) {
      await frame();
      const boxes = [...document.querySelectorAll('[data-service]')].map((tile) =>
        tile.getBoundingClientRect(),
      );
      const now = JSON.stringify([innerWidth, innerHeight, boxes]);
      if (now !== before) still = 0;
      before = now;
    }
  });
}

/** What stands as the name in each tile. */
function shownNames(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('[data-service] [data-name] > span:first-child')].map(
      (name) => name.textContent ?? '',
    ),
  );
}

/** Tiles are all made alike: axe looks at the first ones, and at all that is not a tile. */
const TILES_FOR_AXE = 12;

for (const services of [1, 12, 60, 200]) {
  test(`${services} services fit four screens`, async ({ page }) => {
    test.setTimeout(180_000);
    const fleet = await DemoFleet.start(['--services', String(services)]);
    const server = await WatchroomServer.start(fleet.config);
    const wall = new WallPage(page);
    try {
      await wall.open(server.url);
      await expect(page.locator('[data-service]')).toHaveCount(services, { timeout: 30_000 });
      for (const screen of SCREENS) {
        await page.setViewportSize(screen);
        await laidOut(page);
        await expect.poll(() => clippedText(page), { message: JSON.stringify(screen) }).toEqual([]);
        await expect(page.locator('[data-service]')).toHaveCount(services);
        const names = await shownNames(page);
        expect(new Set(names).size, JSON.stringify(screen)).toBe(services);
        expect(names.filter((name) => name.includes('…'))).toEqual([]);
      }
      await page.setViewportSize(SCREENS[1]);
      const { violations } = await new AxeBuilder({ page })
        .exclude(`li:nth-child(n+${TILES_FOR_AXE + 1}):has(> [data-service])`)
        .analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      expect(wall.consoleErrors).toEqual([]);
    } finally {
      await server.stop();
      await fleet.stop();
    }
  });
}

for (const services of [12, 200]) {
  test(`${services} services, each with a late target beside one that is not, fit four screens`, async ({
    page,
  }) => {
    test.setTimeout(180_000);
    const fleet = await DemoFleet.start(['--services', String(services)]);
    const stopping = await DemoFleet.start(['--services', String(services)]);
    const both = `http_sd_configs:\n      - url: ${stopping.controlUrl}/sd\n`;
    // Late is twice the interval: with a long one a machine that is short of time does not make the others late as well.
    const config = fleet.config.replace('http_sd_configs:\n', both).replace('_interval: 1s', '_interval: 8s');
    const server = await WatchroomServer.start(config);
    const wall = new WallPage(page);
    try {
      await wall.open(server.url);
      await expect(page.locator('[data-service]')).toHaveCount(services, { timeout: 30_000 });
      // A target that never gave anything cannot become late: both of each service have to have been scraped once.
      await expect
        .poll(() => number(server.url, 'count(up == 1)'), { timeout: 60_000 })
        .toBeGreaterThanOrEqual(2 * services);
      await stopping.stop();
      const late = page.locator('[data-late="true"]:not([data-state="late"])', { hasText: /\d\d s/ });
      await expect.poll(() => late.count(), { timeout: 60_000 }).toBeGreaterThan(services / 2);
      for (const screen of SCREENS) {
        await page.setViewportSize(screen);
        await laidOut(page);
        await expect.poll(() => clippedText(page), { message: JSON.stringify(screen) }).toEqual([]);
      }
    } finally {
      await server.stop();
      await fleet.stop();
    }
  });
}

test('the keyboard reaches every link and control of the wall, and shows where it is', async ({ page }) => {
  const fleet = await DemoFleet.start(['--services', '12']);
  const server = await WatchroomServer.start(fleet.config);
  const wall = new WallPage(page);
  try {
    await wall.open(server.url);
    await expect(page.locator('[data-service]')).toHaveCount(12, { timeout: 30_000 });
    const reachable = await page.evaluate(() => {
      const candidates = document.querySelectorAll<HTMLElement>(
        'a[href], button, select, input, [tabindex="0"]',
      );
      return [...candidates].filter(
        (element) => element.offsetParent !== null && !element.hasAttribute('disabled'),
      ).length;
    });
    const reached = new Set<string>();
    for (let i = 0; i < reachable + 20; i++) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement | null;
        if (!element || element === document.body) return undefined;
        const { outlineStyle, boxShadow } = getComputedStyle(element);
        const all = [...document.querySelectorAll('*')];
        return {
          at: String(all.indexOf(element)),
          shown: outlineStyle !== 'none' || boxShadow !== 'none',
          html: element.outerHTML.slice(0, 100),
        };
      });
      if (!focus) continue;
      reached.add(focus.at);
      expect(focus.shown, focus.html).toBe(true);
    }
    expect(reached.size).toBeGreaterThanOrEqual(reachable - 1);
  } finally {
    await server.stop();
    await fleet.stop();
  }
});
