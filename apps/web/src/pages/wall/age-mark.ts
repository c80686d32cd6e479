/** The age of a tile's data as it stands there: worded, sized and with the room it takes, so that nothing of it is cut. */
import { unitWidth } from '../../design/fit-text.ts';

export interface AgeMark {
  readonly text: string;
  readonly fontPx: number;
  /** Pixels, with the clock before it when it is late. */
  readonly widthPx: number;
}

export interface AgeRoom {
  /** The most it may take, in pixels. */
  readonly widthPx: number;
  readonly fontPx: number;
}

/** Clock and the gap after it, in units of the font. */
const CLOCK = 1.3;
const SLACK_PX = 1;
export const AGE_WEIGHT = { fresh: 400, late: 600 } as const;

/**
 * `word` is set when the tile shows another state, beside which the colour alone would not tell what the age means; it is
 * the first to go where room is short, then the size.
 */
export function ageMark(
  age: string,
  late: boolean,
  word: string | undefined,
  { widthPx, fontPx }: AgeRoom,
  width: (text: string, weight?: number) => number = unitWidth,
): AgeMark {
  const units = (text: string): number =>
    late ? CLOCK + width(text, AGE_WEIGHT.late) : width(text, AGE_WEIGHT.fresh);
  const room = Math.max(0, widthPx - SLACK_PX);
  const worded = word === undefined ? age : `${word} ${age}`;
  const text = units(worded) * fontPx <= room ? worded : age;
  const fitting = Math.min(fontPx, Math.floor((room / units(text)) * 10) / 10);
  return { text, fontPx: fitting, widthPx: units(text) * fitting + SLACK_PX };
}
