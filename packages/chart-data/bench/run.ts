/** Time of one live update of a chart: a window of 900 points × 10 series slides by one and is drawn 640 pixels wide. */
import { buildPath, SeriesWindow } from '../src/index.ts';

const SERIES = 10;
const POINTS = 900;
const ROUNDS = 2000;
const keys = Array.from({ length: SERIES }, (_, i) => i + 1);
const window = new SeriesWindow({ windowMs: (POINTS - 1) * 1000, stepMs: 1000 });
const times = Array.from({ length: POINTS }, (_, i) => (i + 1) * 1000);
window.apply({
  kind: 'snapshot',
  fromMs: 1000,
  toMs: POINTS * 1000,
  series: keys.map((key) => ({ key, labels: { instance: String(key) } })),
  block: { times, keys, values: keys.map((key) => times.map((_, i) => Math.sin(i / 20 + key) * 50)) },
  head: undefined,
  fedAtMs: undefined,
});

let characters = 0;
let applyMs = 0;
let drawMs = 0;
for (let round = 1; round <= ROUNDS; round++) {
  const toMs = (POINTS + round) * 1000;
  const block = { times: [toMs], keys, values: keys.map((key) => [Math.sin(round / 20 + key) * 50]) };
  const start = performance.now();
  window.apply({
    kind: 'delta',
    fromMs: window.fromMs,
    toMs,
    series: [],
    block,
    head: undefined,
    fedAtMs: undefined,
  });
  const applied = performance.now();
  const x = { domain: [window.fromMs, window.toMs], range: [0, 640] } as const;
  const y = { domain: [-50, 50], range: [200, 0] } as const;
  for (const { values } of window.series)
    characters += buildPath({ times: window.times, values, x, y }).length;
  applyMs += applied - start;
  drawMs += performance.now() - applied;
}
console.log(
  `apply ${((applyMs / ROUNDS) * 1000).toFixed(1)} µs, paths ${((drawMs / ROUNDS) * 1000).toFixed(0)} µs`,
);
console.log(
  `per frame of ${SERIES} × ${POINTS} points, ${(characters / ROUNDS / SERIES).toFixed(0)} characters a path`,
);
