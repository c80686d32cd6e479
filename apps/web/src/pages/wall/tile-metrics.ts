/** Sizes of the parts of a tile in pixels. Fonts grow with the tile up to 1.7 times; what is left goes to the trend. */
import { NAME_LINE } from '../../design/fit-names.ts';
import type { Density } from './wall-layout.ts';

export interface TileMetrics {
  readonly pad: number;
  readonly gap: number;
  readonly innerWidth: number;
  readonly name: number;
  readonly minName: number;
  /** Height for the name: room for a second line where the layout has it. */
  readonly nameHeight: number;
  readonly nameWidth: number;
  readonly small: number;
  readonly score: number;
  readonly scoreWidth: number;
  readonly sparkWidth: number;
  readonly sparkHeight: number;
}

interface Base {
  readonly width: number;
  readonly height: number;
  readonly pad: number;
  readonly gap: number;
  readonly name: number;
  readonly small: number;
  readonly score: number;
  /** Lines of small text below the score. */
  readonly lines: number;
  /** Room for the state's word, in units of the small font. */
  readonly mark: number;
}

/** In rem, for the smallest tile of each layout. */
const BASES: Readonly<Record<Density, Base>> = {
  large: {
    width: 15,
    height: 9,
    pad: 0.7,
    gap: 0.3,
    name: 0.95,
    small: 0.72,
    score: 2.3,
    lines: 3,
    mark: 5.6,
  },
  medium: {
    width: 11,
    height: 6.5,
    pad: 0.55,
    gap: 0.2,
    name: 0.875,
    small: 0.7,
    score: 1.9,
    lines: 1,
    mark: 5.6,
  },
  compact: {
    width: 8,
    height: 3.75,
    pad: 0.35,
    gap: 0.1,
    name: 0.72,
    small: 0.65,
    score: 1.1,
    lines: 1,
    mark: 4,
  },
  micro: {
    width: 4.4,
    height: 2.5,
    pad: 0.2,
    gap: 0.1,
    name: 0.68,
    small: 0.6,
    score: 0.8,
    lines: 0,
    mark: 0,
  },
};
export const NAME_WEIGHT: Readonly<Record<Density, number>> = {
  large: 600,
  medium: 600,
  compact: 600,
  micro: 500,
};
const MAX_GROWTH = 1.7;
const LINE = 1.25;
/** In rem: names shrink to this on one line, and to the smaller one in micro tiles, which show them whole on two. */
const MIN_NAME = 0.6;
const MIN_MICRO_NAME = 0.48;

export function tileMetrics(density: Density, width: number, height: number, rem: number): TileMetrics {
  const base = BASES[density];
  const growth = Math.min(width / (base.width * rem), height / (base.height * rem), MAX_GROWTH);
  const u = rem * Math.max(0.5, growth);
  const [pad, gap, name, small, score] = [
    base.pad * u,
    base.gap * u,
    base.name * u,
    base.small * u,
    base.score * u,
  ];
  const border = 4;
  const innerWidth = width - 2 * pad - border;
  const innerHeight = height - 2 * pad - 2;
  const scoreWidth = score * 1.95;
  const micro = density === 'micro';
  const nameHeight = nameHeightOf(density, innerHeight, { name, small, score, gap });
  const used = micro
    ? nameHeight + Math.max(score, small * LINE) + 2 * gap
    : nameHeight + base.lines * small * LINE + (density === 'large' ? 3 : 2) * gap;
  const left = innerHeight - used;
  // Only the compact layout has the state's word beside the score.
  const besideScore = density === 'compact' ? base.mark * small : 0;
  return {
    pad,
    gap,
    innerWidth,
    name,
    minName: Math.min(name, (micro ? MIN_MICRO_NAME : MIN_NAME) * rem),
    nameHeight,
    nameWidth: density === 'compact' || micro ? innerWidth : innerWidth - base.mark * small,
    small,
    score,
    scoreWidth,
    sparkWidth: Math.floor(micro ? innerWidth : innerWidth - scoreWidth - gap - besideScore),
    sparkHeight: Math.floor(micro ? (left < 0.7 * rem ? 0 : left) : Math.max(score * 0.8, left)),
  };
}

/** Micro tiles give the name what the line of state and score leaves, up to two lines; a higher compact tile, too. */
function nameHeightOf(
  density: Density,
  innerHeight: number,
  { name, small, score, gap }: { name: number; small: number; score: number; gap: number },
): number {
  const [one, two] = [name * LINE, name * 2 * NAME_LINE];
  if (density === 'micro') return Math.min(two, innerHeight - Math.max(score, small * LINE) - gap);
  if (density !== 'compact') return one;
  return Math.max(one, Math.min(two, innerHeight - score - small * LINE - 2 * gap));
}
