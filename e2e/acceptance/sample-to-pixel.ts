/**
 * Criterion 2: from the end of a scrape on the server's clock to the painted frame, with the overview open.
 *
 * Three views of it: every frame of the live protocol, from the scrape or evaluation that fed it; every single scrape, as
 * the store holds its end, to the first painted frame that reflects it (a scrape that waited for a later one counts in
 * full); and what the product itself reports at /metrics.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WallPage } from '../pages/wall-page.ts';
import { readMetrics } from './lib/api.ts';
import { openBrowser } from './lib/browser.ts';
import { startDemo } from './lib/demo-stack.ts';
import { Options } from './lib/options.ts';
import { installPaintProbe, type PaintedFrame, takePainted } from './lib/paint-probe.ts';
import { fromScrapes, scrapeEnds } from './lib/painted-scrapes.ts';
import { measure } from './lib/process.ts';
import { printTable, quantile } from './lib/table.ts';

const HELP = `
node e2e/acceptance/sample-to-pixel.ts [--seconds 120] [--warmup 30] [--health-interval 5s] [--port 0]
  [--fleet-port 9500]
Starts the demo, opens the overview in Chromium and measures for --seconds.
--health-interval: of the health rules; as in config/demo.yml when absent.
`;
const P50_MS = 300;
const P99_MS = 1000;
const RULES = /\b(watchroom|svc):|^alerts$/;

const options = Options.read(HELP, {
  seconds: '120',
  warmup: '30',
  'health-interval': '',
  port: '0',
  'fleet-port': '9500',
});

/** The bucket bound in seconds below which `share` of what the product reported lies. */
async function reported(url: string, share: number): Promise<string> {
  const buckets = new Map<number, number>();
  for (const [name, count] of await readMetrics(url, 'watchroom_sample_to_pixel_seconds_bucket')) {
    const bound = Number(/le="([^"]+)"/.exec(name)?.[1]?.replace('+Inf', 'Infinity'));
    buckets.set(bound, (buckets.get(bound) ?? 0) + count);
  }
  const total = buckets.get(Number.POSITIVE_INFINITY) ?? 0;
  const bound = [...buckets].sort(([a], [b]) => a - b).find(([, count]) => count >= share * total)?.[0];
  return bound === undefined ? '–' : `≤ ${bound * 1000}`;
}

function row(name: string, lags: readonly number[]): (string | number)[] {
  const at = (share: number) => Math.round(quantile(lags, share));
  return [name, lags.length, at(0.5), at(0.9), at(0.99), Math.round(Math.max(...lags))];
}

await measure(async () => {
  const stack = await startDemo({
    port: await options.port('port'),
    fleetPort: await options.port('fleet-port'),
    healthInterval: options.text('health-interval') || undefined,
  });
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await installPaintProbe(page);
  await new WallPage(page).open(stack.url);
  await sleep(options.number('warmup') * 1000);
  await takePainted(page);
  const frames: PaintedFrame[] = [];
  for (let left = options.number('seconds'); left > 0; left -= 5) {
    await sleep(5000);
    frames.push(...(await takePainted(page)));
  }
  const drift = await page.evaluate(() => Date.now() - performance.timeOrigin - performance.now());
  const deltas = frames.filter(({ kind }) => kind === 'delta');
  const lag = ({ paintedAtMs, fedAtMs }: PaintedFrame) => paintedAtMs - fedAtMs;
  const direct = deltas.filter(({ channel }) => !RULES.test(channel));
  const ruled = deltas.filter(({ channel }) => RULES.test(channel));
  const ends = await scrapeEnds(stack.url, options.number('seconds'));
  const scrapes = fromScrapes(ends, direct);
  const scores = fromScrapes(
    ends,
    deltas.filter(({ channel }) => channel === 'watchroom:health:score'),
  );
  printTable(
    ['from … to the painted frame', 'count', 'p50 ms', 'p90 ms', 'p99 ms', 'max ms'],
    [
      row('feed of any frame', deltas.map(lag)),
      row('scrape that fed a frame', direct.map(lag)),
      row('evaluation that fed a frame', ruled.map(lag)),
      row('every scrape', scrapes),
      row('every scrape, to its score', scores),
      ['reported at /metrics', '', await reported(stack.url, 0.5), '', await reported(stack.url, 0.99), ''],
    ],
  );
  for (const channel of new Set(deltas.map((frame) => frame.channel))) {
    const own = deltas.filter((frame) => frame.channel === channel).map(lag);
    console.log(
      `  ${Math.round(quantile(own, 0.5))}/${Math.round(quantile(own, 0.99))} ms, ${own.length} frames: ${channel}`,
    );
  }
  console.log(`page clock is ${drift.toFixed(1)} ms off the wall clock`);
  await browser.close();
  return [deltas.map(lag), scrapes].every(
    (lags) => lags.length > 100 && quantile(lags, 0.5) <= P50_MS && quantile(lags, 0.99) <= P99_MS,
  );
});
