/** Numbers that every chart frame shares: margins, ticks, zone. */
import { formatUnit, niceTicks, timeTicks, type Unit } from '@watchroom/chart-data';
import type { PointerEvent } from 'react';

export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const MINUTE_MS = 60_000;

export interface FrameMetrics {
  readonly margin: {
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
    readonly left: number;
  };
  readonly xHeight: number;
  readonly yWidth: number;
}

export function frameMetrics(rem: number): FrameMetrics {
  return {
    margin: { top: 0.5 * rem, right: 0.75 * rem, bottom: 0, left: 0 },
    xHeight: 1.375 * rem,
    yWidth: 3.375 * rem,
  };
}

export function xTicks(
  domain: readonly [number, number],
  widthPx: number,
  rem: number,
): { ticks: number[]; stepMs: number } {
  const { ticks, stepMs } = timeTicks(
    domain[0],
    domain[1],
    Math.max(2, Math.floor(widthPx / (5.5 * rem))),
    TIME_ZONE,
  );
  // The right margin holds half a label: one that would stick out of the picture is left out.
  const labelRem = stepMs < MINUTE_MS ? 3.4 : 2.2;
  const { margin, yWidth } = frameMetrics(rem);
  const plotPx = Math.max(1, widthPx - margin.left - yWidth - margin.right);
  const hiddenPx = (labelRem / 2) * rem - margin.right;
  const lastMs = domain[1] - (Math.max(0, hiddenPx) / plotPx) * (domain[1] - domain[0]);
  return { ticks: ticks.filter((tick) => tick <= lastMs), stepMs };
}

export function yTicks(
  domain: readonly [number, number],
  heightPx: number,
  rem: number,
  unit: Unit,
): number[] {
  const base = unit === 'bytes' || unit === 'bytesPerSecond' ? 'binary' : 'decimal';
  return [
    ...niceTicks(domain[0], domain[1], Math.min(6, Math.max(2, Math.floor(heightPx / (2.2 * rem)))), base)
      .ticks,
  ];
}

/** The time under a pointer on a plot of this width; undefined beside the axes. */
export function timeAt(
  event: PointerEvent<HTMLElement>,
  [fromMs, toMs]: readonly [number, number],
  width: number,
  rem: number,
): number | undefined {
  const { margin, yWidth } = frameMetrics(rem);
  const left = margin.left + yWidth;
  const share =
    (event.clientX - event.currentTarget.getBoundingClientRect().left - left) / (width - left - margin.right);
  return share < 0 || share > 1 ? undefined : fromMs + share * (toMs - fromMs);
}

/** Tick texts leave the words of a rate to the panel's title: `1.2k`, not `1.2k req/s`. */
export function tickText(value: number, unit: Unit): string {
  // A plain space is where Recharts would break the line.
  return formatUnit(value, unit === 'perSecond' ? 'short' : unit).replaceAll(' ', '\u00a0');
}

/** Where lines are drawn inside a chart's frame, in px. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export function plotArea(widthPx: number, heightPx: number, rem: number): PlotArea {
  const { margin, yWidth, xHeight } = frameMetrics(rem);
  return {
    left: margin.left + yWidth,
    right: Math.max(margin.left + yWidth, widthPx - margin.right),
    top: margin.top,
    bottom: Math.max(margin.top, heightPx - margin.bottom - xHeight),
  };
}
