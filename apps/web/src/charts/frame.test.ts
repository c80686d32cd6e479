import { expect, it } from 'vitest';
import { frameMetrics, xTicks } from './frame.ts';

const REM = 16;
const WIDTH = 400;
const START = Date.UTC(2026, 0, 1, 12, 0, 0);

it('leaves out a time whose label would stick out of the picture on the right', () => {
  const { margin, yWidth } = frameMetrics(REM);
  const plot = WIDTH - yWidth - margin.right;
  let shown = 0;
  for (let endS = 900; endS < 1200; endS += 5) {
    const domain = [START + (endS - 900) * 1000, START + endS * 1000] as const;
    for (const tick of xTicks(domain, WIDTH, REM).ticks) {
      const right = ((domain[1] - tick) / 900_000) * plot + margin.right;
      expect(right).toBeGreaterThanOrEqual(1.1 * REM - 1e-6);
      shown++;
    }
  }
  expect(shown).toBeGreaterThan(60);
});
