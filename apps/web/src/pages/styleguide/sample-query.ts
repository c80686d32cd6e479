/** A live query without a server: a fixed wave with a gap, so that charts can be looked at in the style guide. */
import { SeriesWindow } from '@watchroom/chart-data';
import type { LiveQuery } from '../../live/index.ts';

const STEP_MS = 10_000;
const POINTS = 90;
const GAP = [40, 48] as const;

/** Deterministic values around `base`, with a small wave and a step. */
function wave(base: number, swing: number, at: number): number {
  return base + swing * Math.sin(at / 6) + swing * 0.4 * Math.sin(at / 1.7) + (at > 65 ? swing : 0);
}

export interface SampleSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly base: number;
  readonly swing: number;
}

export function sampleQuery(nowMs: number, series: readonly SampleSeries[]): LiveQuery {
  const windowMs = STEP_MS * POINTS;
  const window = new SeriesWindow({ windowMs, stepMs: STEP_MS });
  const toMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
  const times = Array.from({ length: POINTS }, (_, i) => toMs - (POINTS - 1 - i) * STEP_MS);
  window.apply({
    kind: 'snapshot',
    fromMs: times[0] ?? toMs,
    toMs,
    series: series.map(({ labels }, key) => ({ key, labels })),
    block: {
      times,
      keys: series.map((_, key) => key),
      values: series.map(({ base, swing }) =>
        times.map((_, at) => (at >= GAP[0] && at < GAP[1] ? null : wave(base, swing, at))),
      ),
    },
    head: {
      timeMs: nowMs,
      keys: series.map((_, key) => key),
      values: series.map(({ base, swing }) => wave(base, swing, POINTS)),
    },
    fedAtMs: undefined,
  });
  return {
    window,
    version: 1,
    status: 'live',
    error: undefined,
    stale: false,
    warnings: [],
    subscribe: () => () => undefined,
  };
}
