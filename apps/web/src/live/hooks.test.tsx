import { act, cleanup, render, screen } from '@testing-library/react';
import { LiveHub } from '@watchroom/live';
import { Labels } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { StrictMode } from 'react';
import { afterEach, expect, it } from 'vitest';
import {
  LivePage,
  LiveProvider,
  useConnection,
  useLiveDrawing,
  useLiveQuery,
  useLiveTopic,
  useLiveValues,
  useServerNow,
} from './index.ts';
import { FakeNetwork } from './test/fake-network.ts';
import { ManualScheduler } from './test/manual-scheduler.ts';

const START_MS = 1_700_000_000_000;
const SPEC = { query: 'm', windowMs: 10_000, stepMs: 1000 };

function scene() {
  const clock = new ManualClock(START_MS);
  const network = new FakeNetwork(clock, () => 1);
  let value = 1;
  const hub = new LiveHub({
    clock,
    epoch: 'run',
    hello: () => ({ version: '1', webBuild: '1', outages: [] }),
    feeds: () => ({ selectors: [{ metricName: 'm', equals: [] }] }),
    evaluate: (_spec, at) => {
      const timeMs = 'timeMs' in at ? at.timeMs : at.endMs;
      return { series: [{ labels: Labels.fromObject({ instance: 'a' }), times: [timeMs], values: [value] }] };
    },
  });
  network.hub = hub;
  const scheduler = new ManualScheduler();
  const page = new LivePage({
    open: network.open,
    clock,
    random: () => 0.5,
    scheduler,
    pageName: () => '/test',
  });
  const feed = (next: number) => {
    value = next;
    const sampleTimeMs = clock.now();
    hub.onFeed({
      metricNames: new Set(['m']),
      labels: Labels.EMPTY,
      sampleTimeMs,
      endedAtMs: sampleTimeMs,
      source: 'scrape',
    });
  };
  const advance = (ms: number) =>
    act(async () => {
      await clock.advance(ms);
      scheduler.frame();
      scheduler.paint();
    });
  return { clock, network, hub, page, scheduler, feed, advance };
}

const renders = { chart: 0 };
const drawn: number[] = [];

function Chart() {
  renders.chart++;
  const query = useLiveQuery(SPEC);
  useLiveDrawing(query, () => void drawn.push(query.window.series[0]?.head ?? -1));
  return <p data-testid="chart">{query.status}</p>;
}

function Value() {
  const query = useLiveQuery(SPEC);
  const { values } = useLiveValues(query);
  return <p data-testid="value">{values.map(({ value }) => value).join()}</p>;
}

function State() {
  const { state } = useConnection();
  const nowMs = useServerNow();
  const { entries, status } = useLiveTopic<number>('services');
  return (
    <p data-testid="state">
      {state} {nowMs === undefined ? '' : Math.floor((nowMs - START_MS) / 1000)} {status}{' '}
      {JSON.stringify([...entries])}
    </p>
  );
}

const text = (id: string) => screen.getByTestId(id).textContent;

afterEach(cleanup);

it('shows live values without rendering charts again, and gives channels back', async () => {
  const { hub, page, feed, advance, network } = scene();
  const { rerender, unmount } = render(
    <StrictMode>
      <LiveProvider page={page}>
        <Chart />
        <Value />
        <State />
      </LiveProvider>
    </StrictMode>,
  );
  expect(text('chart')).toBe('loading');
  expect(text('state')).toContain('connecting');
  await advance(200);
  await advance(0);
  expect(text('chart')).toBe('live');
  expect(text('value')).toBe('1');
  expect(text('state')).toBe('live 0 live []');
  expect(hub.stats().sharedQueries).toBe(1);
  expect(hub.stats().subscriptions).toBe(2);

  const before = renders.chart;
  for (const next of [2, 3, 4]) {
    feed(next);
    hub.publishTopic('services', { a: next });
    await advance(1000);
    await advance(0);
    expect(text('value')).toBe(String(next));
    expect(drawn.at(-1)).toBe(next);
    expect(text('state')).toContain(`[["a",${next}]]`);
  }
  expect(renders.chart).toBe(before);
  expect(page.frames.recentLagsMs.length).toBeGreaterThan(0);
  expect(window.__watchroom?.live?.channels().map(({ name }) => name)).toEqual(['m', 'services']);

  network.hub = undefined;
  await act(async () => network.cut());
  expect(text('state')).toContain('lost');
  expect(text('value')).toBe('4');
  network.hub = hub;
  await advance(3000);
  expect(text('state')).toContain('live');

  rerender(
    <StrictMode>
      <LiveProvider page={page}>
        <State />
      </LiveProvider>
    </StrictMode>,
  );
  await advance(6000);
  expect(hub.stats().subscriptions).toBe(1);
  unmount();
  await advance(100);
  expect(hub.stats().clients).toBe(0);
  expect(window.__watchroom?.live).toBeUndefined();
});

it('reports paint times together, each five seconds or once there are many', async () => {
  const { hub, page, feed, advance } = scene();
  render(
    <LiveProvider page={page}>
      <Chart />
    </LiveProvider>,
  );
  await advance(100);
  const reports = () => hub.stats().paintReports;
  for (let second = 1; second <= 10; second++) {
    feed(second);
    await advance(1000);
  }
  expect(page.frames.recentLagsMs.length).toBeGreaterThanOrEqual(9);
  expect(reports()).toBe(2);
  for (let i = 0; i < 200; i++) page.frames.fed(START_MS);
  await advance(1);
  await advance(1010);
  expect(reports()).toBe(3);
  expect(page.frames.unreported).toBeLessThan(200);
  page.close();
});
