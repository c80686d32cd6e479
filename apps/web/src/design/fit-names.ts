/**
 * Names made to fit equal boxes, all of a screen at once: one line, else two lines broken at a joint (`-`, `.`, `_`, `/`,
 * `:`) or, when there is none that helps, anywhere; smaller down to a limit. Only then is a name cut, and never so that
 * two different names look alike: those keep what tells them apart.
 */
import { fitText, unitWidth } from './fit-text.ts';

export interface FittedName {
  /** One or two. */
  readonly lines: readonly string[];
  readonly fontPx: number;
  readonly cut: boolean;
}

export interface NameRoom {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fontPx: number;
  readonly minFontPx: number;
  readonly weight: number;
}

/** Height of a line in units of the font. */
export const NAME_LINE = 1.15;
/** One line is worth this much of the size. */
const ONE_LINE_FROM = 0.85;
const SLACK_PX = 1;
const ELLIPSIS = '…';
type Width = (text: string, weight?: number) => number;

export function fitNames(
  names: readonly string[],
  room: NameRoom,
  width: Width = unitWidth,
): ReadonlyMap<string, FittedName> {
  const fitted = new Map(names.map((name) => [name, fitName(name, room, width)]));
  for (const group of alike(fitted)) {
    const shared = commonStart(group);
    group.forEach((name) => {
      fitted.set(name, { ...cutLine(ELLIPSIS + name.slice(shared), room, width), cut: true });
    });
  }
  for (const group of alike(fitted))
    group.forEach((name, i) => {
      fitted.set(name, { lines: [`${ELLIPSIS}${i + 1}`], fontPx: room.minFontPx, cut: true });
    });
  return fitted;
}

/** Different names that would look the same. */
function alike(fitted: ReadonlyMap<string, FittedName>): string[][] {
  const byLook = new Map<string, string[]>();
  for (const [name, { lines }] of fitted) {
    const look = lines.join('');
    byLook.set(look, [...(byLook.get(look) ?? []), name]);
  }
  return [...byLook.values()].filter((group) => group.length > 1);
}

function commonStart(names: readonly string[]): number {
  const [first = ''] = names;
  let shared = 0;
  while (shared < first.length && names.every((name) => name[shared] === first[shared])) shared++;
  return shared;
}

function fitName(name: string, room: NameRoom, width: Width): FittedName {
  const roomPx = Math.max(0, room.widthPx - SLACK_PX);
  const fontFor = (lines: readonly string[]): number => {
    const widest = Math.max(...lines.map((line) => width(line, room.weight)));
    const fitting = widest > 0 ? roomPx / widest : room.fontPx;
    return Math.floor(Math.min(room.fontPx, fitting, room.heightPx / (lines.length * NAME_LINE)) * 10) / 10;
  };
  const options = [[name], twoLines(name, atJoints, width), twoLines(name, anywhere, width)]
    .filter((lines) => lines !== undefined)
    .map((lines) => ({ lines, fontPx: fontFor(lines), cut: false }));
  const [one, ...split] = options;
  if (one && one.fontPx >= Math.max(room.minFontPx, ONE_LINE_FROM * room.fontPx)) return one;
  const largest = options.reduce((a, b) => (b.fontPx > a.fontPx + 0.05 ? b : a));
  const joint = split.find(({ fontPx }) => fontPx >= Math.max(room.minFontPx, 0.8 * largest.fontPx));
  if (joint && joint.fontPx > (one?.fontPx ?? 0)) return joint;
  return largest.fontPx >= room.minFontPx ? largest : cutLine(name, room, width);
}

function cutLine(text: string, { widthPx, minFontPx, weight }: NameRoom, width: Width): FittedName {
  const fitted = fitText(text, { widthPx, fontPx: minFontPx, minFontPx, weight }, width);
  return { lines: [fitted.text], fontPx: fitted.fontPx, cut: fitted.text !== text };
}

const atJoints = (before: string): boolean => /[-._/:]$/.test(before);
const anywhere = (): boolean => true;

/** The division whose longer line is shortest. */
function twoLines(name: string, mayEnd: (line: string) => boolean, width: Width): string[] | undefined {
  let best: string[] | undefined;
  let bestWidth = Number.POSITIVE_INFINITY;
  const characters = [...name];
  for (let i = 1; i < characters.length; i++) {
    const lines = [characters.slice(0, i).join(''), characters.slice(i).join('')] as const;
    if (!mayEnd(lines[0])) continue;
    const widest = Math.max(width(lines[0]), width(lines[1]));
    if (widest < bestWidth) [best, bestWidth] = [[...lines], widest];
  }
  return best;
}
