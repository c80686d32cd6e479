/** Turns valid texts into nearly valid ones, for parsers that must not fall over: seeded, so that each find can be repeated. */

/** Longest text made; pieces of texts are put together again and again otherwise. */
const LONGEST = 600;
const MOST_CHANGES = 6;

export interface TextPool {
  /** Whole texts to start from. */
  readonly texts: readonly string[];
  /** Pieces that are put in: operators, numbers, odd characters. */
  readonly pieces: readonly string[];
}

/** A text of the pool after one to six changes; now and then an untouched one. */
export function mutateText(random: () => number, { texts, pieces }: TextPool): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const at = (text: string): number => Math.floor(random() * (text.length + 1));
  let text = pick(texts);
  const changes = Math.floor(random() * (MOST_CHANGES + 1));
  for (let i = 0; i < changes; i++) {
    const from = at(text);
    const to = Math.min(text.length, from + Math.floor(random() * 8));
    switch (Math.floor(random() * 8)) {
      case 0:
        text = text.slice(0, from) + text.slice(to);
        break;
      case 1:
        text = text.slice(0, from) + pick(pieces) + text.slice(from);
        break;
      case 2:
        text = text.slice(0, from) + pick(pieces) + text.slice(to);
        break;
      case 3:
        text = text.slice(0, to) + text.slice(from);
        break;
      case 4: {
        const other = pick(texts);
        text = text.slice(0, from) + other.slice(at(other));
        break;
      }
      case 5: {
        const other = pick(texts);
        const start = at(other);
        text = text.slice(0, from) + other.slice(start, start + 20) + text.slice(to);
        break;
      }
      case 6:
        text = `${pick(pieces)}(${text})${pick(pieces)}`;
        break;
      default:
        text = text.slice(0, from) + String.fromCodePoint(Math.floor(random() * 0x250)) + text.slice(to);
    }
  }
  return text.slice(0, LONGEST);
}
