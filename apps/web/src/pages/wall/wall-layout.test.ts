import { describe, expect, it } from 'vitest';
import { screenScale } from '../../design/root-size.ts';
import { type WallLayout, wallLayout } from './wall-layout.ts';

const SCREENS = [
  [1280, 720],
  [1920, 1080],
  [2560, 1440],
  [3440, 1440],
  [3840, 2160],
  [7680, 2160],
  [1080, 1920],
  [2160, 3840],
] as const;
const COUNTS = [1, 2, 3, 7, 12, 13, 31, 60, 97, 128, 200];

function layoutOf(screenWidth: number, screenHeight: number, count: number): WallLayout & { rem: number } {
  const rem = screenScale(screenWidth, screenHeight);
  const [width, height] = [screenWidth - 1.5 * rem, screenHeight - 6 * rem];
  return { ...wallLayout({ width, height, count, rem }), rem };
}

describe.each(SCREENS)('a wall of %i × %i', (width, height) => {
  it.each(COUNTS)('%i services fit without scrolling, each with room for its layout', (count) => {
    const { grid, gap, gridWidth, gridHeight, railWidth, stripHeight, footHeight, rem } = layoutOf(
      width,
      height,
      count,
    );
    expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
    expect(grid.columns * (grid.rows - 1)).toBeLessThan(count);
    expect(grid.columns * grid.tileWidth + (grid.columns - 1) * gap).toBeLessThanOrEqual(gridWidth + 0.01);
    expect(grid.rows * grid.tileHeight + (grid.rows - 1) * gap).toBeLessThanOrEqual(gridHeight + 0.01);
    const between = (part: number): number => (part > 0 ? part + gap : 0);
    expect(gridWidth + between(railWidth)).toBeLessThanOrEqual(width - 1.5 * rem + 0.01);
    expect(gridHeight + between(stripHeight) + between(footHeight)).toBeLessThanOrEqual(
      height - 6 * rem + 0.01,
    );
    expect(grid.tileWidth).toBeGreaterThanOrEqual(4.4 * rem);
    expect(grid.tileHeight).toBeGreaterThanOrEqual(2.5 * rem);
  });
});

describe('what the room is used for', () => {
  it('a dozen services on full HD have large tiles beside the panels', () => {
    const layout = layoutOf(1920, 1080, 12);
    expect(layout.grid.density).toBe('large');
    expect(layout.railWidth).toBeGreaterThan(0);
    expect(layout.stripHeight).toBeGreaterThan(0);
  });

  it('two hundred services on a small screen give up the panels for legible tiles', () => {
    const layout = layoutOf(1280, 720, 200);
    expect(layout.railWidth).toBe(0);
    expect(layout.grid.density).toBe('micro');
  });

  it('one service does not become one huge tile: the charts take what it leaves', () => {
    const layout = layoutOf(1920, 1080, 1);
    expect(layout.grid.tileHeight).toBeLessThanOrEqual(17 * layout.rem);
    expect(layout.stripHeight).toBeGreaterThan(layout.grid.tileHeight);
  });

  it('an absurd number still gets equal cells inside the screen', () => {
    const { grid, gap } = wallLayout({ width: 1000, height: 500, count: 5000, rem: 16 });
    expect(grid.rows * grid.tileHeight + (grid.rows - 1) * gap).toBeLessThanOrEqual(500.01);
    expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(5000);
  });

  it('no services at all is a layout, too', () => {
    expect(wallLayout({ width: 1000, height: 500, count: 0, rem: 16 }).grid.columns).toBe(1);
  });
});
