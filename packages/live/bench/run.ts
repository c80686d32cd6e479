/** What the hub itself costs: 96 queries of 5 series over 900 points, 20 clients, each query fed once a second. */
import { Labels, systemClock } from '@watchroom/model';
import { type EvaluatedSeries, LiveHub } from '../src/index.ts';

const QUERIES = 96;
const CLIENTS = 20;
const SECONDS = 5;
const labels = Array.from({ length: 5 }, (_, i) => Labels.fromObject({ instance: `i${i}`, job: 'shop' }));
const metricNames = new Set(['m']);
let frames = 0;
let bytes = 0;

function series(times: readonly number[]): EvaluatedSeries[] {
  return labels.map((set, i) => ({
    labels: set,
    times,
    values: times.map((timeMs) => Math.sin(timeMs / 9000 + i)),
  }));
}

const hub = new LiveHub({
  clock: systemClock,
  epoch: 'bench',
  hello: () => ({ version: '', webBuild: '', outages: [] }),
  feeds: () => ({ selectors: [{ metricName: 'm', equals: [] }] }),
  evaluate: (_spec, at) => {
    const times: number[] = [];
    if ('timeMs' in at) times.push(at.timeMs);
    else for (let timeMs = at.startMs; timeMs <= at.endMs; timeMs += at.stepMs) times.push(timeMs);
    return { series: series(times), costMs: 0.1 };
  },
});
for (let c = 0; c < CLIENTS; c++) {
  const session = hub.connect({
    send(_event, message) {
      frames++;
      bytes += JSON.stringify(message).length;
    },
    isBackedUp: () => false,
  });
  for (let q = 0; q < QUERIES; q++) {
    const spec = { query: `q${q}`, windowMs: 900_000, stepMs: 1000, head: 'now' } as const;
    session.subscribe({ id: `c${q}`, channel: { kind: 'query', spec } });
  }
}
await new Promise((resolve) => setTimeout(resolve, 2000));
const before = { frames, bytes, cpu: process.cpuUsage(), at: performance.now() };
for (let i = 0; i < SECONDS; i++) {
  const nowMs = Date.now();
  hub.onFeed({
    metricNames,
    labels: Labels.EMPTY,
    sampleTimeMs: nowMs - 5,
    endedAtMs: nowMs,
    source: 'scrape',
  });
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
const { user, system } = process.cpuUsage(before.cpu);
const wallS = (performance.now() - before.at) / 1000;
console.log(
  `${((frames - before.frames) / wallS).toFixed(0)} frames/s, ${((bytes - before.bytes) / wallS / 1e6).toFixed(2)} MB/s`,
);
console.log(`${((user + system) / 1e4 / wallS).toFixed(1)} % of a core, JSON included`);
hub.close();
