/**
 * Takes the pictures of the README: node e2e/screenshots.ts [--out DIR] [--calm SECONDS] [--incident SECONDS].
 * Starts a server and the demo fleet of its own, waits until there is something to see, runs the incident and takes each
 * page in it. CHROMIUM_PATH names the browser.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from '@playwright/test';
import { DemoFleet } from './fixtures/demo-fleet.ts';
import { WatchroomServer } from './fixtures/watchroom-server.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
];
const SETTLE_MS = 6000;

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: resolve(import.meta.dirname, '../docs/images') },
    calm: { type: 'string', default: '120' },
    incident: { type: 'string', default: '70' },
  },
});

interface Shot {
  readonly file: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: 'dark' | 'light';
}

const CALM: readonly Shot[] = [
  { file: 'wall-calm.png', path: '/', width: 1920, height: 1080, scheme: 'dark' },
];
const INCIDENT: readonly Shot[] = [
  { file: 'wall-incident.png', path: '/', width: 1920, height: 1080, scheme: 'dark' },
  { file: 'service.png', path: '/d/service/order', width: 1440, height: 1400, scheme: 'dark' },
  { file: 'alerts.png', path: '/alerts', width: 1440, height: 900, scheme: 'light' },
  {
    file: 'explore.png',
    path: `/explore?query=${encodeURIComponent('sum by (service) (rate(http_requests_total{code=~"5..|2003"}[30s]))')}`,
    width: 1440,
    height: 900,
    scheme: 'light',
  },
];

async function take(browser: Browser, base: string, shot: Shot): Promise<void> {
  const { width, height, scheme } = shot;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme, locale: 'en-GB' });
  await page.goto(base + shot.path);
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: join(values.out, shot.file) });
  await page.close();
  console.log(shot.file);
}

async function pause(seconds: string): Promise<void> {
  await new Promise((next) => setTimeout(next, Number(seconds) * 1000));
}

mkdirSync(values.out, { recursive: true });
const fleet = await DemoFleet.start();
const server = await WatchroomServer.start(fleet.config);
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const browser = await chromium.launch({ args: FLAGS, executablePath });
try {
  await pause(values.calm);
  for (const shot of CALM) await take(browser, server.url, shot);
  await fetch(`${fleet.controlUrl}/incident`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'double11', speed: 10 }),
  });
  await pause(values.incident);
  for (const shot of INCIDENT) await take(browser, server.url, shot);
} finally {
  await browser.close();
  await server.stop();
  await fleet.stop();
}
