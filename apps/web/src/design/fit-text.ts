/**
 * Text made to fit a width without clipping: first smaller, then with its middle replaced by an ellipsis (the ends of
 * service and instance names tell them apart). Widths come from a canvas, measured once per text.
 */
export interface Fitted {
  readonly text: string;
  readonly fontPx: number;
}

export interface FitOptions {
  readonly widthPx: number;
  readonly fontPx: number;
  readonly minFontPx: number;
  readonly weight?: number;
}

const REFERENCE_PX = 100;
const MAX_CACHE = 5000;
/** Sub-pixel rounding of the layout. */
const SLACK_PX = 1;
/** Average advance of a Latin letter, used where there is no canvas. */
const FALLBACK_EM = 0.58;
const ELLIPSIS = '…';

const cache = new Map<string, number>();
let context: CanvasRenderingContext2D | null | undefined;

/** Width of a text at a font size of 1 px. */
export function unitWidth(text: string, weight = 500): number {
  const key = `${weight} ${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= MAX_CACHE) cache.clear();
  const width = measure(text, weight);
  cache.set(key, width);
  return width;
}

function measure(text: string, weight: number): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return text.length * FALLBACK_EM;
  const family = getComputedStyle(document.body).fontFamily || 'sans-serif';
  context.font = `${weight} ${REFERENCE_PX}px ${family}`;
  return context.measureText(text).width / REFERENCE_PX;
}

export function fitText(
  text: string,
  { widthPx, fontPx, minFontPx, weight }: FitOptions,
  width: (text: string, weight?: number) => number = unitWidth,
): Fitted {
  const room = Math.max(0, widthPx - SLACK_PX);
  const whole = width(text, weight);
  const fitting = whole > 0 ? room / whole : fontPx;
  if (fitting >= minFontPx) return { text, fontPx: Math.min(fontPx, Math.floor(fitting * 10) / 10) };
  const characters = [...text];
  for (let kept = characters.length - 1; kept > 1; kept--) {
    const head = Math.ceil(kept / 2);
    const shorter = `${characters.slice(0, head).join('')}${ELLIPSIS}${characters.slice(characters.length - (kept - head)).join('')}`;
    if (width(shorter, weight) * minFontPx <= room) return { text: shorter, fontPx: minFontPx };
  }
  return { text: characters[0] ?? '', fontPx: minFontPx };
}
