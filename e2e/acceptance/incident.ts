/**
 * Criterion 5: «double11» at 10 ×. The order service's score crosses 60; the alert is on every open page within one
 * evaluation and one second of the evaluation at which the condition had held for 30 s; the explanation names the pool and
 * the errors; the callers fall too; the alert clears at 70.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import type { HealthExplanation } from '@watchroom/contract';
import { getJson, query } from './lib/api.ts';
import { openBrowser } from './lib/browser.ts';
import { type DemoStack, startDemo } from './lib/demo-stack.ts';
import { Options } from './lib/options.ts';
import { measure } from './lib/process.ts';
import { printTable } from './lib/table.ts';

const HELP = `
node e2e/acceptance/incident.ts [--speed 10] [--warmup 60] [--after 150] [--port 0] [--fleet-port 9500]
Starts the demo, opens the wall and the page of the service "order", runs double11 and prints the timeline.
`;
const SCENARIO_S = 1800;
/** The criterion bounds the beginning of an alert; its end must come, too. */
const END_WITHIN_MS = 30_000;
const FOR_MS = 30_000;
const RAISE = 60;
const CLEAR = 70;
const PAGES = ['/', '/d/service/order'];
const CALLERS = ['gateway', 'web', 'cart'];

/** An alert's card as a page showed it first. */
interface Shown {
  readonly text: string;
  readonly atMs: number;
}

interface Point {
  readonly timeMs: number;
  readonly value: number;
}

const options = Options.read(HELP, {
  speed: '10',
  warmup: '60',
  after: '150',
  port: '0',
  'fleet-port': '9500',
});

/** Notes the cards of HealthLow as they appear in the page. */
async function noteAlerts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shown: Shown[] = [];
    Object.assign(window, { shown });
    const known = new WeakSet<Element>();
    const look = () => {
      for (const card of document.querySelectorAll('[data-alert="HealthLow"]')) {
        if (known.has(card)) continue;
        known.add(card);
        shown.push({ text: card.textContent ?? '', atMs: performance.timeOrigin + performance.now() });
      }
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true });
  });
}

function shownOn(page: Page): Promise<Shown[]> {
  return page.evaluate(() => (window as unknown as { shown: Shown[] }).shown);
}

async function pointsOf(url: string, selector: string, seconds: number): Promise<Point[]> {
  const [series] = await query(url, `${selector}[${seconds}s]`);
  return (series?.values ?? []).map(([timeS, text]) => ({ timeMs: timeS * 1000, value: Number(text) }));
}

/** The evaluation at which the score had been below 60 for 30 s without a break, and the one at which that began. */
function dueOf(scores: readonly Point[]): { lowMs: number; dueMs: number } | undefined {
  let lowMs: number | undefined;
  for (const { timeMs, value } of scores) {
    if (value >= RAISE) lowMs = undefined;
    else {
      lowMs ??= timeMs;
      if (timeMs - lowMs >= FOR_MS) return { lowMs, dueMs: timeMs };
    }
  }
  return undefined;
}

async function runIncident(stack: DemoStack): Promise<HealthExplanation[]> {
  const body = JSON.stringify({ name: 'double11', speed: options.number('speed') });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${stack.url}/api/demo/incident`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`the incident did not start: ${await answer.text()}`);
  const endMs = Date.now() + (SCENARIO_S / options.number('speed') + options.number('after')) * 1000;
  const explained: HealthExplanation[] = [];
  while (Date.now() < endMs) {
    await sleep(5000);
    explained.push(await getJson<HealthExplanation>(`${stack.url}/api/services/order/health`));
  }
  return explained;
}

interface Finding {
  readonly what: string;
  readonly met: boolean;
  readonly detail: string;
}

const found = (what: string, met: boolean, detail: string): Finding => ({ what, met, detail });

/** Whether each page showed the card whose text has `word` in time after `dueMs`. */
function onPages(
  what: string,
  word: RegExp,
  shown: readonly Shown[][],
  dueMs: number,
  withinMs: number,
): Finding[] {
  return PAGES.map((path, i) => {
    const card = shown[i]!.find(({ text }) => /order/.test(text) && word.test(text));
    const lateMs = card ? card.atMs - dueMs : Number.POSITIVE_INFINITY;
    const detail = card ? `${Math.round(lateMs)} ms after the evaluation at which it was due` : 'never shown';
    return found(`${what} on ${path}`, lateMs <= withinMs, detail);
  });
}

function explanationFindings(explained: readonly HealthExplanation[]): Finding[] {
  const low = explained.filter(({ score }) => score !== null && score < RAISE);
  const worst = low.toSorted((a, b) => (a.score ?? 0) - (b.score ?? 0))[0];
  const part = (id: string) => worst?.parts.find((one) => one.id === id);
  const saturation = part('saturation');
  const availability = part('availability');
  const sum = worst?.parts.reduce((total, { loss }) => total + loss, 0) ?? Number.NaN;
  const parts = worst?.parts
    .map(({ id, loss, by }) => `${id}${by ? ` (${by})` : ''} ${loss.toFixed(1)}`)
    .join(', ');
  return [
    found(
      'explanation names the pool',
      (saturation?.loss ?? 0) > 0 && saturation?.worst?.resource === 'pool',
      `${JSON.stringify(saturation?.worst)} at ${saturation?.value}, −${saturation?.loss.toFixed(1)}`,
    ),
    found(
      'explanation names errors',
      (availability?.loss ?? 0) > 0,
      `burn ${availability?.value?.toFixed(1)}, −${availability?.loss.toFixed(1)}`,
    ),
    found(
      'parts add up',
      Math.abs(sum - (100 - (worst?.score ?? 0))) < 1e-6,
      `score ${worst?.score?.toFixed(2)}: ${parts}`,
    ),
  ];
}

/** Points off the highest score before the incident, at the lowest during it. */
async function callerFindings(url: string, startMs: number, seconds: number): Promise<Finding[]> {
  return Promise.all(
    CALLERS.map(async (service) => {
      const points = await pointsOf(url, `watchroom:health:score{service="${service}"}`, seconds);
      const before = Math.max(...points.filter(({ timeMs }) => timeMs < startMs).map(({ value }) => value));
      const lowest = Math.min(...points.filter(({ timeMs }) => timeMs >= startMs).map(({ value }) => value));
      return found(
        `${service} falls too`,
        lowest < before - 5,
        `${before.toFixed(1)} → ${lowest.toFixed(1)}`,
      );
    }),
  );
}

function printTimeline(
  startMs: number,
  scores: readonly Point[],
  firing: ReadonlySet<number>,
  shown: readonly Shown[][],
): void {
  const rows = scores
    .filter(
      ({ timeMs }, i) =>
        timeMs >= startMs && (i % 2 === 0 || firing.has(timeMs) !== firing.has(scores[i - 1]?.timeMs ?? 0)),
    )
    .map(({ timeMs, value }) => ({
      atMs: timeMs,
      what: `score ${value.toFixed(1)}${firing.has(timeMs) ? ', HealthLow firing' : ''}`,
    }));
  const cards = shown.flatMap((list, i) =>
    list.map(({ text, atMs }) => ({ atMs, what: `on ${PAGES[i]}: ${text}` })),
  );
  printTable(
    ['s', 'what'],
    [...rows, ...cards]
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ atMs, what }) => [((atMs - startMs) / 1000).toFixed(1), what]),
  );
}

await measure(async () => {
  const stack = await startDemo({
    port: await options.port('port'),
    fleetPort: await options.port('fleet-port'),
  });
  const browser = await openBrowser();
  const pages: Page[] = [];
  for (const path of PAGES) {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 }, locale: 'en-GB' });
    await noteAlerts(page);
    await page.goto(new URL(path, stack.url).href, { waitUntil: 'commit', timeout: 120_000 });
    pages.push(page);
  }
  const openedMs = Date.now();
  await sleep(options.number('warmup') * 1000);
  const startMs = Date.now();
  const explained = await runIncident(stack);
  const shown = await Promise.all(pages.map(shownOn));
  await browser.close();

  const seconds = Math.ceil((Date.now() - openedMs) / 1000);
  const scores = await pointsOf(stack.url, 'watchroom:health:score{service="order"}', seconds);
  const alert = 'ALERTS{alertname="HealthLow",alertstate="firing",service="order"}';
  const firing = new Set((await pointsOf(stack.url, alert, seconds)).map(({ timeMs }) => timeMs));
  printTimeline(startMs, scores, firing, shown);
  const due = dueOf(scores.filter(({ timeMs }) => timeMs >= startMs));
  if (!due) throw new Error('the score did not stay below 60 for 30 s');
  const evaluationMs = Math.max(...scores.slice(1).map(({ timeMs }, i) => timeMs - scores[i]!.timeMs));
  const cleared = scores.find(({ timeMs }) => timeMs > due.dueMs && !firing.has(timeMs));
  const held = scores.filter(({ timeMs }) => firing.has(timeMs));
  const withinMs = evaluationMs + 1000;
  const findings = [
    found(
      'score crosses 60',
      true,
      `${((due.lowMs - startMs) / 1000).toFixed(1)} s after the start, due ${((due.dueMs - due.lowMs) / 1000).toFixed(1)} s later`,
    ),
    ...onPages('alert', /firing/i, shown, due.dueMs, withinMs),
    ...explanationFindings(explained),
    ...(await callerFindings(stack.url, startMs, seconds)),
    found(
      'clears at 70',
      cleared !== undefined && cleared.value >= CLEAR && held.every(({ value }) => value < CLEAR),
      `firing from ${held[0]?.value.toFixed(1)} to ${held.at(-1)?.value.toFixed(1)}, cleared at ${cleared?.value.toFixed(1)}`,
    ),
    ...onPages('end of the alert', /resolved/i, shown, cleared?.timeMs ?? 0, END_WITHIN_MS),
  ];
  printTable(
    ['finding', 'met', 'detail'],
    findings.map(({ what, met, detail }) => [what, met ? 'yes' : 'NO', detail]),
  );
  return findings.every(({ met }) => met);
});
