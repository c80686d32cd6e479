/**
 * Colour scales for heatmaps: lightness in OKLCH rises (or falls) evenly, so that equal steps look equal and the order
 * survives every kind of colour blindness and a grey print; hue and chroma only add to it.
 * Source: Björn Ottosson, "A perceptual color space for image processing", https://bottosson.github.io/posts/oklab/
 */
export interface Oklch {
  /** 0–1. */
  readonly l: number;
  readonly c: number;
  /** Degrees. */
  readonly h: number;
}

export const SCALES = ['heat-dark', 'heat-light', 'latency-dark', 'latency-light'] as const;
export type ScaleName = (typeof SCALES)[number];

/** Stops at even distances; on dark ground more is lighter, on light ground more is darker. */
const STOPS: Readonly<Record<ScaleName, readonly Oklch[]>> = {
  'heat-dark': [
    { l: 0.27, c: 0.04, h: 265 },
    { l: 0.43, c: 0.12, h: 300 },
    { l: 0.59, c: 0.17, h: 355 },
    { l: 0.75, c: 0.16, h: 50 },
    { l: 0.91, c: 0.14, h: 95 },
  ],
  'heat-light': [
    { l: 0.96, c: 0.03, h: 95 },
    { l: 0.81, c: 0.12, h: 65 },
    { l: 0.65, c: 0.17, h: 30 },
    { l: 0.49, c: 0.16, h: 355 },
    { l: 0.33, c: 0.11, h: 305 },
  ],
  'latency-dark': [
    { l: 0.25, c: 0.03, h: 240 },
    { l: 0.42, c: 0.09, h: 245 },
    { l: 0.59, c: 0.11, h: 215 },
    { l: 0.76, c: 0.11, h: 185 },
    { l: 0.93, c: 0.1, h: 130 },
  ],
  'latency-light': [
    { l: 0.96, c: 0.02, h: 150 },
    { l: 0.8, c: 0.09, h: 185 },
    { l: 0.64, c: 0.11, h: 215 },
    { l: 0.47, c: 0.12, h: 250 },
    { l: 0.31, c: 0.1, h: 275 },
  ],
};

const tables = new Map<ScaleName, Uint32Array>();

/** 256 colours as little-endian RGBA words (0xAABBGGRR), as ImageData's buffer has them on every current machine. */
export function colourTable(name: ScaleName): Uint32Array {
  let table = tables.get(name);
  if (!table) {
    table = Uint32Array.from({ length: 256 }, (_, i) => rgbaWord(mix(STOPS[name], i / 255)));
    tables.set(name, table);
  }
  return table;
}

/** The word for a value in a domain, clamped; undefined for a value that is not there (it must not look like a low one). */
export function colourOf(
  table: Uint32Array,
  value: number,
  domain: readonly [number, number],
): number | undefined {
  if (Number.isNaN(value)) return undefined;
  const span = domain[1] - domain[0];
  const share = span > 0 ? (value - domain[0]) / span : 0;
  return table[Math.round(Math.min(1, Math.max(0, share)) * 255)];
}

/** The CSS colour of a word of a table. */
export function cssColour(word: number): string {
  return `rgb(${word & 255} ${(word >> 8) & 255} ${(word >> 16) & 255})`;
}

function mix(stops: readonly Oklch[], share: number): Oklch {
  const at = share * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(at));
  const t = at - i;
  const a = stops[i]!;
  const b = stops[i + 1]!;
  const turn = ((b.h - a.h + 540) % 360) - 180;
  return { l: a.l + (b.l - a.l) * t, c: a.c + (b.c - a.c) * t, h: a.h + turn * t };
}

function rgbaWord(colour: Oklch): number {
  const [r, g, b] = toSrgb(inGamut(colour));
  return ((255 << 24) | (byte(b) << 16) | (byte(g) << 8) | byte(r)) >>> 0;
}

/** Lowers the chroma until sRGB has the colour; lightness and hue stay. */
function inGamut(colour: Oklch): Oklch {
  let fitting = colour;
  for (let c = colour.c; c >= 0; c -= 0.002) {
    fitting = { ...colour, c };
    if (toSrgb(fitting).every((channel) => channel >= -0.0005 && channel <= 1.0005)) return fitting;
  }
  return { ...fitting, c: 0 };
}

/** Gamma-coded sRGB, 0–1 when it is in gamut. */
export function toSrgb({ l, c, h }: Oklch): readonly [number, number, number] {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    gamma(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    gamma(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    gamma(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

function gamma(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

function byte(channel: number): number {
  return Math.round(Math.min(1, Math.max(0, channel)) * 255);
}
