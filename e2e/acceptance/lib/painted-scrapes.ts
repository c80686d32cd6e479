/** What of the shop's scrapes a page shows, and when. */
import { query } from './api.ts';
import type { PaintedFrame } from './paint-probe.ts';

/** Scrapes so near the end of a measurement may not have been painted yet. */
const GRACE_MS = 1000;

/** When each scrape of the shop ended, on the server's clock. */
export async function scrapeEnds(url: string, seconds: number): Promise<number[]> {
  const series = await query(url, `scrape_duration_seconds{job="shop"}[${seconds}s]`);
  return series.flatMap(({ values = [] }) =>
    values.map(([timeS, durationS]) => (timeS + Number(durationS)) * 1000),
  );
}

/** For each scrape, the time to the first painted frame fed by it or by a later one. */
export function fromScrapes(ends: readonly number[], frames: readonly PaintedFrame[]): number[] {
  const byFeed = frames.toSorted((a, b) => a.fedAtMs - b.fedAtMs);
  const soonest: number[] = [];
  let best = Number.POSITIVE_INFINITY;
  for (let i = byFeed.length - 1; i >= 0; i--) {
    best = Math.min(best, byFeed[i]!.paintedAtMs);
    soonest[i] = best;
  }
  const last = byFeed.at(-1)?.fedAtMs ?? 0;
  const first = byFeed[0]?.fedAtMs ?? Number.POSITIVE_INFINITY;
  return ends
    .filter((endMs) => endMs >= first && endMs <= last - GRACE_MS)
    .map((endMs) => soonest[byFeed.findIndex(({ fedAtMs }) => fedAtMs >= Math.floor(endMs))]! - endMs);
}
