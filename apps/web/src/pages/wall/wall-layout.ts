/**
 * Where everything on the wall goes, from the size of the screen and the number of services alone, so that nothing
 * scrolls and nothing is clipped.
 *
 * 1. The root font size grows with the screen (`design/root-size.ts`); all lengths below are rem.
 * 2. Arrangements are tried from the richest (tiles + chart strip + side rail) to the barest (tiles only). The first one
 *    with panels whose tiles reach the `compact` layout is taken; when none does, the first with legible `micro` tiles
 *    (alerts are worth more than a trend in each tile); when none has, the one with the largest tiles: tiles only.
 * 3. Within an arrangement every number of columns is tried; the tile layout with the most detail wins, then the number
 *    of columns that leaves the fewest empty cells, then the shape nearest to 1.9 : 1.
 * 4. Height that tiles cannot use (they are capped) goes to the strip.
 */
export type Density = 'large' | 'medium' | 'compact' | 'micro';

export interface TileGrid {
  readonly columns: number;
  readonly rows: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly density: Density;
}

export interface WallLayout {
  /** Pixels; 0 leaves the part out. The rail stands on the right, the strip below the tiles. */
  readonly railWidth: number;
  readonly stripHeight: number;
  /** Portrait: what the rail would hold stands under the strip instead, this high. */
  readonly footHeight: number;
  readonly gridWidth: number;
  readonly gridHeight: number;
  readonly gap: number;
  readonly grid: TileGrid;
}

export interface WallSize {
  /** Pixels available to the wall, without top bar, banners and its own heading. */
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** Root font size in pixels. */
  readonly rem: number;
}

/** Smallest tile of each layout, in rem, richest first. */
const TILE_MIN: readonly { readonly density: Density; readonly width: number; readonly height: number }[] = [
  { density: 'large', width: 15, height: 9 },
  { density: 'medium', width: 11, height: 6.5 },
  { density: 'compact', width: 8, height: 3.75 },
  { density: 'micro', width: 4.4, height: 2.5 },
];
/** From here on most names stand in a micro tile uncut, in rem. */
const LEGIBLE = { width: 6, height: 2.75 };
const TILE_MAX_HEIGHT = 17;
const GAP = 0.375;
const IDEAL_ASPECT = 1.9;
/** A cell left empty out of ten weighs as much as a tile 2.2 times too wide. */
const EMPTY_COST = 8;

interface Arrangement {
  readonly rail: number;
  readonly strip: number;
  readonly foot: number;
}
const LANDSCAPE: readonly Arrangement[] = [
  { rail: 24, strip: 14, foot: 0 },
  { rail: 20, strip: 11, foot: 0 },
  { rail: 20, strip: 0, foot: 0 },
  { rail: 0, strip: 11, foot: 0 },
  { rail: 0, strip: 0, foot: 0 },
];
const PORTRAIT: readonly Arrangement[] = [
  { rail: 0, strip: 28, foot: 34 },
  { rail: 0, strip: 14, foot: 30 },
  { rail: 0, strip: 13, foot: 18 },
  { rail: 0, strip: 11, foot: 0 },
  { rail: 0, strip: 0, foot: 0 },
];

export function wallLayout(size: WallSize): WallLayout {
  const arrangements = size.width < size.height ? PORTRAIT : LANDSCAPE;
  const plans = arrangements.map((arrangement) => plan(size, arrangement));
  const withPanels = plans.filter((each) => each && each.railWidth + each.footHeight > 0);
  const detailed = withPanels.find((each) => each && each.grid.density !== 'micro');
  const legible = withPanels.find((each) => each && isLegible(each.grid, size.rem));
  return detailed ?? legible ?? plans.at(-1) ?? crammed(size);
}

function isLegible(grid: TileGrid, rem: number): boolean {
  return grid.tileWidth >= LEGIBLE.width * rem && grid.tileHeight >= LEGIBLE.height * rem;
}

function plan(size: WallSize, { rail, strip, foot }: Arrangement): WallLayout | undefined {
  const { rem } = size;
  const gap = GAP * rem;
  const taken = (part: number): number => (part > 0 ? part * rem + gap : 0);
  const gridWidth = size.width - taken(rail);
  const room = size.height - taken(strip) - taken(foot);
  const grid = bestGrid({ width: gridWidth, height: room, count: size.count, rem, gap });
  if (!grid) return undefined;
  const gridHeight = grid.rows * grid.tileHeight + (grid.rows - 1) * gap;
  return {
    railWidth: rail * rem,
    stripHeight: strip > 0 ? strip * rem + Math.max(0, room - gridHeight) : 0,
    footHeight: foot * rem,
    gridWidth,
    gridHeight: strip > 0 ? gridHeight : room,
    gap,
    grid,
  };
}

interface Area {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly rem: number;
  readonly gap: number;
}

/** The best division of an area; undefined when not even micro tiles fit. */
export function bestGrid(area: Area): TileGrid | undefined {
  let best: TileGrid | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let columns = 1; columns <= Math.max(1, area.count); columns++) {
    const grid = divide(area, columns);
    if (!grid) continue;
    const cost = costOf(grid, area.count);
    if (cost < bestCost) [best, bestCost] = [grid, cost];
  }
  return best;
}

function divide({ width, height, count, rem, gap }: Area, columns: number): TileGrid | undefined {
  const rows = Math.max(1, Math.ceil(count / columns));
  const tileWidth = (width - gap * (columns - 1)) / columns;
  const tileHeight = Math.min((height - gap * (rows - 1)) / rows, TILE_MAX_HEIGHT * rem);
  const fits = TILE_MIN.find((min) => tileWidth >= min.width * rem && tileHeight >= min.height * rem);
  return fits && { columns, rows, tileWidth, tileHeight, density: fits.density };
}

/** Layout first (1000 apart), then empty cells, then shape. */
function costOf(grid: TileGrid, count: number): number {
  const rank = TILE_MIN.findIndex((min) => min.density === grid.density);
  const empty = (grid.columns * grid.rows - count) / Math.max(1, count);
  const shape = Math.abs(Math.log(grid.tileWidth / grid.tileHeight / IDEAL_ASPECT));
  return rank * 1000 + empty * EMPTY_COST + shape;
}

/** More services than the screen has room for at a legible size: equal cells all the same, as square as they come. */
function crammed({ width, height, count, rem }: WallSize): WallLayout {
  const gap = 1;
  const columns = Math.max(1, Math.ceil(Math.sqrt((count * width) / Math.max(1, height) / IDEAL_ASPECT)));
  const rows = Math.max(1, Math.ceil(count / columns));
  const grid: TileGrid = {
    columns,
    rows,
    tileWidth: Math.max(1, (width - gap * (columns - 1)) / columns),
    tileHeight: Math.max(1, Math.min((height - gap * (rows - 1)) / rows, TILE_MAX_HEIGHT * rem)),
    density: 'micro',
  };
  return { railWidth: 0, stripHeight: 0, footHeight: 0, gridWidth: width, gridHeight: height, gap, grid };
}
