/**
 * Watches the wall for a long time and fits a line to memory: node e2e/acceptance/soak.ts [--minutes 60] [--url URL]
 * [--warmup 10] [--pid SERVER]. Criterion: after the warm-up page heap and server heap grow by less than 2 MB an hour, DOM nodes do not grow.
 * The server must run; the page is opened in Chromium. With --pid the server's heap is read after a forced collection
 * through its inspector; else the least reading of each minute is fitted, which is closest to what lives after one.
 */
import { parseArgs } from 'node:util';
import { type CDPSession, chromium } from '@playwright/test';
import { InspectedHeap } from './inspected-heap.ts';

const SAMPLE_EVERY_MS = 30_000;
const MAX_MB_PER_HOUR = 2;
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
];

interface Reading {
  readonly minute: number;
  readonly pageMb: number;
  readonly nodes: number;
  readonly listeners: number;
  readonly serverMb: number;
  readonly serverRssMb: number;
}

/** MB by space of the server's heap, read with --pid: they tell what grows (data, code, ...). */
type Spaces = Readonly<Record<string, number>>;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    warmup: { type: 'string', default: '10' },
    url: { type: 'string', default: 'http://127.0.0.1:8080/' },
    pid: { type: 'string' },
  },
});

async function readServer(
  url: string,
  heap: InspectedHeap | undefined,
): Promise<{ heapMb: number; rssMb: number }> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const value = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    heapMb: (heap ? await heap.used() : value('nodejs_heap_size_used_bytes')) / 1e6,
    rssMb: value('process_resident_memory_bytes') / 1e6,
  };
}

async function readPage(cdp: CDPSession): Promise<{ mb: number; nodes: number; listeners: number }> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { mb: value('JSHeapUsedSize') / 1e6, nodes: value('Nodes'), listeners: value('JSEventListeners') };
}

/** Growth per hour by least squares. */
function slopePerHour(points: readonly (readonly [minute: number, value: number])[]): number {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return (covariance / variance) * 60;
}

function leastOfEachMinute(readings: readonly Reading[]): (readonly [number, number])[] {
  const least = new Map<number, number>();
  for (const { minute, serverMb } of readings) {
    const at = Math.floor(minute);
    least.set(at, Math.min(least.get(at) ?? Number.POSITIVE_INFINITY, serverMb));
  }
  return [...least];
}

async function watch(url: string, minutes: number): Promise<Reading[]> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ args: FLAGS, executablePath });
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await page.goto(url);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const heap = values.pid === undefined ? undefined : await InspectedHeap.open(Number(values.pid));
  const readings: Reading[] = [];
  let settled: Spaces | undefined;
  const startedMs = performance.now();
  while (performance.now() - startedMs < minutes * 60_000) {
    await new Promise((next) => setTimeout(next, SAMPLE_EVERY_MS));
    const minute = (performance.now() - startedMs) / 60_000;
    const [own, server] = [await readPage(cdp), await readServer(url, heap)];
    const reading = {
      minute,
      pageMb: own.mb,
      nodes: own.nodes,
      listeners: own.listeners,
      serverMb: server.heapMb,
      serverRssMb: server.rssMb,
    };
    readings.push(reading);
    if (minute >= Number(values.warmup)) settled ??= await heap?.spaces();
    console.log(
      Object.values(reading)
        .map((value) => value.toFixed(2))
        .join('\t'),
    );
  }
  if (heap && settled) printGrowth(settled, await heap.spaces());
  heap?.close();
  await browser.close();
  return readings;
}

function printGrowth(before: Spaces, after: Spaces): void {
  const grown = Object.entries(after).map(
    ([space, bytes]) => `${space} ${((bytes - (before[space] ?? 0)) / 1e6).toFixed(2)}`,
  );
  console.log(`MB since the warm-up by space: ${grown.join(', ')}`);
}

console.log('minute\tpage MB\tnodes\tlisteners\tserver heap MB\tserver RSS MB');
const readings = await watch(values.url, Number(values.minutes));
const settled = readings.filter(({ minute }) => minute >= Number(values.warmup));
const page = slopePerHour(settled.map(({ minute, pageMb }) => [minute, pageMb]));
const server = slopePerHour(leastOfEachMinute(settled));
const nodes = slopePerHour(settled.map((reading) => [reading.minute, reading.nodes]));
console.log(
  `page heap ${page.toFixed(2)} MB/h, server heap ${server.toFixed(2)} MB/h, DOM nodes ${nodes.toFixed(0)}/h`,
);
process.exitCode = page < MAX_MB_PER_HOUR && server < MAX_MB_PER_HOUR && nodes < 60 ? 0 : 1;
