/** What fits into a frame. */
import type { Size } from '../../hooks/use-size.ts';

/** Axes need more room than this; below it there are values, no chart. */
export function isSmall({ width, height }: Size): boolean {
  return width < 200 || height < 90;
}

/** The names of a heatmap's rows would take more than the cells. */
export function isNarrow({ width, height }: Size): boolean {
  return width < 320 || height < 150;
}

const CHART_PX = 130;
const LINE_PX = 22;

/** Whether a legend of so many lines leaves the chart enough room. */
export function legendFits({ height }: Size, lines: number): boolean {
  return height - lines * LINE_PX >= CHART_PX;
}
