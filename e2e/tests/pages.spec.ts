/** Each page with data: no console error, nothing serious for axe, its state in the URL, its own job done. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { collectErrors } from '../fixtures/browser-errors.ts';
import { configFor, Exporter } from '../fixtures/exporter.ts';
import { until } from '../fixtures/poll.ts';
import { WatchroomServer } from '../fixtures/watchroom-server.ts';

const RELABELLED = `  - job_name: relabelled
    static_configs:
      - targets: ['{target}']
        labels: {service: cart}
    relabel_configs:
      - target_label: region
        replacement: eu-1
`;
const HEALTH = `watchroom:
  health: {interval: 1s}
`;

const exporters = new Map<string, Exporter>();
let server: WatchroomServer;

test.beforeAll(async () => {
  for (const name of ['cart', 'order']) {
    const exporter = new Exporter();
    await exporter.start();
    exporters.set(name, exporter);
  }
  const order = exporters.get('order')!;
  [order.errorShare, order.saturation] = [0.4, 0.97];
  const relabelled = RELABELLED.replace('{target}', exporters.get('cart')!.address);
  server = await WatchroomServer.start(configFor(exporters, relabelled + HEALTH));
  await until('both services have a score', 30_000, async () => {
    return (await server.query('watchroom:health:score')).length === 2;
  });
});

test.afterAll(async () => {
  await server.stop();
  for (const exporter of exporters.values()) await exporter.stop();
});

async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

const PAGES = [
  { path: '/', shows: '[data-service="order"]' },
  { path: '/wall/', shows: '[data-service="cart"]' },
  { path: '/wall/overview', shows: '[data-service="cart"]' },
  { path: '/d/service/order', shows: 'h1:has-text("order")' },
  { path: '/explore?query=up', shows: 'figure' },
  { path: '/alerts', shows: 'h1' },
  { path: '/targets', shows: 'tbody tr >> nth=2' },
  { path: '/styleguide', shows: 'h1' },
];

for (const theme of ['dark', 'light'] as const) {
  test(`every page has its data, no error and nothing serious for axe (${theme})`, async ({ page }) => {
    const errors = collectErrors(page);
    await page.emulateMedia({ colorScheme: theme });
    for (const { path, shows } of PAGES) {
      await page.goto(server.url + path);
      await expect(page.locator(`main ${shows}`).first(), path).toBeVisible();
      await expect(page.locator('main'), path).toHaveAttribute('data-connection', 'live');
      expect(await seriousFaults(page), path).toEqual([]);
      expect(errors, path).toEqual([]);
    }
  });
}

test('language and theme change at once and are kept', async ({ page }) => {
  await page.goto(`${server.url}/targets`);
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitemradio', { name: '简体中文' }).click();
  await expect(page.getByRole('link', { name: '告警' })).toBeVisible();
  const before = await page.locator('html').getAttribute('data-theme');
  const other = before === 'dark' ? 'light' : 'dark';
  await page.getByRole('button', { name: other === 'light' ? '切换到浅色主题' : '切换到深色主题' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', other);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', other);
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await expect(page.getByRole('link', { name: '告警' })).toBeVisible();
});

test('Explore runs a query, keeps it in the URL over a reload and tells an error where it is', async ({
  page,
}) => {
  await page.goto(`${server.url}/explore`);
  const editor = page.locator('.cm-content');
  await editor.click();
  await page.keyboard.type('sum by (service) (up)');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('main').getByText('Table', { exact: true }).click();
  await expect(page.locator('main table')).toContainText('order');
  await expect(page).toHaveURL(/sum\+by|sum%20by/);
  await page.reload();
  await expect(editor).toContainText('sum by (service) (up)');
  await expect(page.locator('main table')).toContainText('order');

  await page.goto(`${server.url}/explore?query=${encodeURIComponent('sum(up')}`);
  await expect(page.locator('main')).toContainText(/unclosed|unexpected|expected/i);
  await expect(page.locator('.cm-lintRange-error, .cm-lintPoint-error')).not.toHaveCount(0);
});

test('a filter that is typed faster than the page is drawn has every key', async ({ page }) => {
  await page.goto(`${server.url}/targets`);
  const filter = page.getByRole('searchbox');
  await filter.focus();
  await Promise.all([...'relabelled'].map((key) => page.keyboard.press(key)));
  await expect(page).toHaveURL(/q=relabelled$/);
  await expect(filter).toHaveValue('relabelled');
  await expect(page.locator('main tbody tr')).toHaveCount(1);
});

test('targets on a phone are cards: nothing lies outside of the screen', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.url}/targets`);
  const row = page.locator('main tbody tr').first();
  await expect(row).toBeVisible();
  for (const cell of await row.locator('td').all()) {
    const box = (await cell.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(390);
  }
  await expect(page.getByRole('button', { name: /sort by state/i })).toBeVisible();
});

test('a mistyped address on a 4K wall can be read from afar', async ({ page }) => {
  await page.setViewportSize({ width: 3840, height: 2160 });
  await page.goto(`${server.url}/wal`);
  const size = (heading: Element) => Number.parseFloat(getComputedStyle(heading).fontSize);
  expect(await page.locator('main h1').evaluate(size)).toBeGreaterThanOrEqual(24);
});

test("a target's drawer shows its labels before and after relabelling", async ({ page }) => {
  await page.goto(`${server.url}/targets?pool=relabelled`);
  await page.getByRole('button', { name: /before and after relabelling/ }).click();
  const drawer = page.getByRole('dialog');
  await expect(drawer).toContainText('__address__');
  await expect(drawer).toContainText('target_label: region');
  const [before, after] = [drawer.getByText('Discovered labels'), drawer.getByText('Labels of the target')];
  await expect(before.locator('xpath=following-sibling::*[1]')).not.toContainText('eu-1');
  await expect(after.locator('xpath=following-sibling::*[1]')).toContainText('eu-1');
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  await expect(page).toHaveURL(/pool=relabelled/);
});

test('the losses on the page of a sick service add up to 100 less its score', async ({ page }) => {
  await until('the score has fallen', 30_000, async () => {
    const [score] = await server.query('watchroom:health:score{service="order"}');
    return Number(score?.value[1] ?? 100) < 80;
  });
  await page.goto(`${server.url}/d/service/order`);
  const sum = page.locator('figure figcaption').filter({ hasText: '=' });
  await expect(sum).toBeVisible();
  const numbers = (await sum.locator('span, strong').allTextContents())
    .map((text) => Number(text.replace('−', '-')))
    .filter((number) => !Number.isNaN(number));
  const score = numbers.at(-1) ?? Number.NaN;
  const losses = numbers.slice(1, -1).map(Math.abs);
  expect(numbers[0]).toBe(100);
  expect(score).toBeLessThan(80);
  // Each is rounded to a tenth.
  expect(Math.abs(100 - losses.reduce((a, b) => a + b, 0) - score)).toBeLessThanOrEqual(
    0.05 * (losses.length + 1),
  );
});

test('a service that is not known is said to be so, not healthy', async ({ page }) => {
  await page.goto(`${server.url}/d/service/nowhere`);
  await expect(page.locator('main')).toContainText(/no service|not known|unknown/i);
  await expect(page.locator('main')).not.toContainText(/healthy/);
});
