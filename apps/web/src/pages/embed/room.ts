import type { Size } from '../../hooks/use-size.ts';

/** Axes need more room than this; below it there are values, no chart. */
export function isSmall({ width, height }: Size): boolean {
  return width < 200 || height < 90;
}
