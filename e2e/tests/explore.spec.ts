/** Explore in real Chromium: the link carries the screen, queries are remembered, explained, taken away; exemplars show traces. */
import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { collectErrors } from '../fixtures/browser-errors.ts';
import { configFor, Exporter } from '../fixtures/exporter.ts';
import { until } from '../fixtures/poll.ts';
import { WatchroomServer } from '../fixtures/watchroom-server.ts';

const RATE = 'sum by (code) (rate(http_requests_total[10s]))';
const P99 = 'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[10s])))';

const exporter = new Exporter();
exporter.exemplars = true;
let server: WatchroomServer;

test.beforeAll(async () => {
  await exporter.start();
  server = await WatchroomServer.start(configFor(new Map([['cart', exporter]])));
  await until('there are rates', 30_000, async () => (await server.query(RATE)).length > 0);
});

test.afterAll(async () => {
  await server.stop();
  await exporter.stop();
});

function explore(parameters: Readonly<Record<string, string | readonly string[]>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of [value].flat()) search.append(name, each);
  }
  return `${server.url}/explore?${search}`;
}

async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

const editorOf = (page: Page, letter: string) =>
  page.getByRole('textbox', { name: `PromQL query ${letter}` });

/** What is on the screen, without what changes by itself. */
async function screenOf(page: Page): Promise<unknown> {
  const result = page.locator('main table');
  await expect(result).toHaveCount(1);
  return {
    editors: await page.locator('.cm-content').allInnerTexts(),
    pressed: await page
      .locator('main section [aria-pressed="true"]')
      .evaluateAll((all) => all.map((one) => one.ariaLabel)),
    head: await result.locator('thead').textContent(),
  };
}

test('queries are written, added and switched off; the link shows the same screen elsewhere', async ({
  page,
}) => {
  const errors = collectErrors(page);
  await page.goto(`${server.url}/explore`);
  await editorOf(page, 'A').click();
  await page.keyboard.type(RATE.replace('http_requests_total', 'http_requests_tot'));
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(RATE);
  await page.keyboard.press('Control+Enter');
  await expect(page.locator('figure')).toHaveCount(1);
  await page.getByRole('button', { name: 'Add query' }).click();
  await editorOf(page, 'B').click();
  await page.keyboard.insertText('up');
  await page.keyboard.press('Control+Enter');
  await expect(page.locator('figure')).toHaveCount(2);
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Legend and colour of query B' }).click();
  await page.getByRole('textbox', { name: 'Legend', exact: true }).fill('{{service}} is up');
  await page.getByRole('radio', { name: 'Colour 4' }).check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('button', { name: /cart is up/ })).toBeVisible();
  await page.getByRole('button', { name: 'Switch query A off' }).click();
  await page.locator('main label').getByText('Table', { exact: true }).click();
  const first = await screenOf(page);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(editorOf(other, 'B')).toBeVisible();
  expect(await screenOf(other)).toEqual(first);
  expect(new URL(page.url()).searchParams.getAll('query')).toEqual([RATE, 'up']);
  expect(errors).toEqual([]);
});

test('what was run is remembered, found again and kept with a star', async ({ page }) => {
  await page.goto(explore({ query: 'up' }));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'History' }).click();
  await page.getByRole('button', { name: 'Keep with a star' }).click();
  await page.keyboard.press('Escape');
  await page.goto(explore({ query: RATE }));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'History' }).click();
  await expect(page.getByRole('dialog').locator('code')).toHaveText([RATE, 'up']);
  await page.getByRole('searchbox', { name: 'Find in history' }).fill('UP');
  await expect(page.getByRole('button', { name: 'Take the star away' })).toBeVisible();
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: /^up/ }).click();
  await expect(page).toHaveURL(/query=up$/);
});

test('a metric is chosen with its labels, the query formatted and explained', async ({ page }) => {
  await page.goto(`${server.url}/explore`);
  await page.getByRole('button', { name: 'Metrics' }).first().click();
  await page.getByRole('searchbox', { name: 'Find a metric' }).fill('duration_seconds_count');
  await page.getByRole('button', { name: /http_request_duration_seconds_count/ }).click();
  await page.getByRole('button', { name: /^cart/ }).click();
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Run as a query' }).click();
  await expect(page).toHaveURL(/service%3D%22cart%22/);
  await page.goto(explore({ query: P99.replaceAll(' (', '('), tab: 'explain' }));
  const rows = page.getByRole('table').getByRole('row');
  await expect(rows).toHaveCount(5);
  await expect(rows.nth(1)).toContainText('histogram_quantile');
  await expect(rows.nth(1).getByRole('cell').nth(3)).toHaveText('1');
  await expect(rows.nth(1).getByRole('cell').nth(2)).toHaveText(/^[\d.]+ ms$/);
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Format', exact: true }).click();
  await expect(page.locator('.cm-content')).toHaveText(P99);
});

test('a result is taken away as CSV, JSON and PNG; a fault is marked where it is', async ({ page }) => {
  await page.goto(explore({ query: RATE }));
  const saved = async (name: string): Promise<Buffer> => {
    await page.getByRole('button', { name: 'Export the result of query A' }).click();
    const download = page.waitForEvent('download');
    await page.getByText(name, { exact: true }).click();
    return readFileSync(await (await download).path());
  };
  await expect(page.locator('figure')).toBeVisible();
  expect((await saved('CSV table')).toString()).toMatch(/^time,"\{code=""200""\}"/);
  expect(JSON.parse((await saved('JSON')).toString())).toMatchObject({
    status: 'success',
    data: { resultType: 'matrix' },
  });
  expect((await saved('PNG picture')).subarray(1, 4).toString()).toBe('PNG');
  await page.goto(explore({ query: 'sum(rate(up[1m])' }));
  await expect(page.getByText('The query cannot be read')).toBeVisible();
  await expect(page.locator('.cm-lintRange-error')).toBeVisible();
});

test('the keyboard reaches everything', async ({ page }) => {
  await page.goto(explore({ query: RATE }));
  await expect(page.locator('figure')).toBeVisible();
  await expect(editorOf(page, 'A')).toBeVisible();
  const reached = new Set<string>();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => {
      const at = document.activeElement;
      const label = at instanceof HTMLInputElement ? at.labels?.[0]?.textContent : at?.textContent;
      return at?.getAttribute('aria-label') ?? label ?? '';
    });
    if (reached.size > 10 && name === [...reached][0]) break;
    reached.add(name);
  }
  const all = [...reached].join('\n');
  for (const name of [
    'PromQL query A',
    'Format',
    'Duplicate query A',
    'Run',
    'Add query',
    'Metrics',
    'History',
  ]) {
    expect(all).toContain(name);
  }
  for (const name of [
    'Graph',
    'step',
    'Stacked',
    'Exemplars',
    'Export the result',
    'Arrow keys',
    'code="200"',
  ]) {
    expect(all).toContain(name);
  }
  await page.keyboard.press('Control+K');
  await page.keyboard.type('expl');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/tab=explain/);
});

test('exemplars are points on the latency charts, with the trace on a card', async ({ page }) => {
  const errors = collectErrors(page);
  for (const path of [explore({ query: P99 }), `${server.url}/d/service/cart`]) {
    await page.goto(path);
    const point = page.getByRole('button', { name: /^Exemplar:/ }).last();
    await point.hover();
    const card = page.getByRole('dialog', { name: 'Exemplar' });
    await expect(card).toContainText(/trace-\d+/);
    await expect(card).toContainText('http_request_duration_seconds_bucket');
    await page.mouse.move(0, 0);
    await expect(card).toBeHidden();
    await point.press('Enter');
    await expect(card.getByRole('button', { name: 'Copy trace_id' })).toBeFocused();
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(card).toBeHidden();
  }
  expect(errors).toEqual([]);
});
