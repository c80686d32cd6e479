/**
 * A page's time range as queries need it. `live` is a live query's window. `fixed` is a range query on a grid of
 * multiples of its step; a `last` range is fixed until its end moves on by a step, so what is on the screen never grows
 * older than that.
 */
import { stepFor } from '@watchroom/contract';
import type { TimeRangeChoice } from '../components/index.ts';

export type ResolvedRange =
  | { readonly kind: 'live'; readonly windowMs: number; readonly stepMs: number }
  | { readonly kind: 'fixed'; readonly fromMs: number; readonly toMs: number; readonly stepMs: number };

const LIVE_POINTS = 450;
const FIXED_POINTS = 480;
/** Ranges up to now are asked for again at most this often. */
const LEAST_REFRESH_MS = 10_000;

/** How often the end of a `last` range moves on. */
export function refreshMsOf(windowMs: number): number {
  return Math.max(LEAST_REFRESH_MS, stepFor(windowMs, FIXED_POINTS));
}

/** Undefined for a `last` range while the server's time is not known yet. */
export function resolveRange(choice: TimeRangeChoice, nowMs: number | undefined): ResolvedRange | undefined {
  if (choice.kind === 'live') {
    return { kind: 'live', windowMs: choice.windowMs, stepMs: stepFor(choice.windowMs, LIVE_POINTS) };
  }
  if (choice.kind === 'absolute') return fixed(choice.fromMs, choice.toMs);
  if (nowMs === undefined) return undefined;
  const refreshMs = refreshMsOf(choice.windowMs);
  const toMs = Math.floor(nowMs / refreshMs) * refreshMs;
  return fixed(toMs - choice.windowMs, toMs);
}

function fixed(fromMs: number, toMs: number): ResolvedRange {
  const stepMs = stepFor(toMs - fromMs, FIXED_POINTS);
  return {
    kind: 'fixed',
    fromMs: Math.floor(fromMs / stepMs) * stepMs,
    toMs: Math.ceil(toMs / stepMs) * stepMs,
    stepMs,
  };
}

export function lengthMs(range: ResolvedRange): number {
  return range.kind === 'live' ? range.windowMs : range.toMs - range.fromMs;
}

/** The end of a fixed range, at which heads and the explanation are read; undefined for now. */
export function endMs(range: ResolvedRange): number | undefined {
  return range.kind === 'live' ? undefined : range.toMs;
}

const LEAST_RATE_MS = 30_000;
/** Prometheus advises four scrapes inside a rate's window, so that one may fail. */
const SCRAPES_IN_RATE = 4;

/** The window of rate() in ms: as fresh as the scrapes allow, and no sample between two steps is passed over. */
export function rateWindowMs(stepMs: number, scrapeIntervalMs: number): number {
  return Math.max(LEAST_RATE_MS, SCRAPES_IN_RATE * scrapeIntervalMs, stepMs);
}

const CELLS = 60;

/** Width of a heatmap's cells in ms: at most CELLS of them, none shorter than what increase() needs. */
export function cellMs(range: ResolvedRange, scrapeIntervalMs: number): number {
  return Math.max(stepFor(lengthMs(range), CELLS), stepFor(SCRAPES_IN_RATE * scrapeIntervalMs, 1));
}

/** The same range on another grid. */
export function withStep(range: ResolvedRange, stepMs: number): ResolvedRange {
  if (range.kind === 'live') return { ...range, stepMs };
  return {
    ...range,
    stepMs,
    fromMs: Math.floor(range.fromMs / stepMs) * stepMs,
    toMs: Math.ceil(range.toMs / stepMs) * stepMs,
  };
}
