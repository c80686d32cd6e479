/** How the names of a wall's tiles are shown: all worked out at once, as two that are different must look different. */
import { type FittedName, fitNames } from '../../design/fit-names.ts';
import { NAME_WEIGHT, tileMetrics } from './tile-metrics.ts';
import type { TileGrid } from './wall-layout.ts';

/** `rem`: root font size in pixels. */
export function tileNames(
  services: readonly string[],
  { density, tileWidth, tileHeight }: Pick<TileGrid, 'density' | 'tileWidth' | 'tileHeight'>,
  rem: number,
): ReadonlyMap<string, FittedName> {
  const { nameWidth, nameHeight, name, minName } = tileMetrics(density, tileWidth, tileHeight, rem);
  return fitNames(services, {
    widthPx: nameWidth,
    heightPx: nameHeight,
    fontPx: name,
    minFontPx: minName,
    weight: NAME_WEIGHT[density],
  });
}
