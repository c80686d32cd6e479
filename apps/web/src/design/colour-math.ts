/**
 * Colour arithmetic for the token checks: OKLCH → linear sRGB (Ottosson, https://bottosson.github.io/posts/oklab/),
 * WCAG 2.2 contrast, and colour-vision simulation by the severity-1.0 matrices of Machado, Oliveira, Fernandes (2009).
 */
export type Rgb = readonly [number, number, number];
export type Vision = 'normal' | 'protanopia' | 'deuteranopia' | 'tritanopia';
export const VISIONS: readonly Vision[] = ['normal', 'protanopia', 'deuteranopia', 'tritanopia'];

const MACHADO: Readonly<Record<Exclude<Vision, 'normal'>, readonly number[]>> = {
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

/** `oklch(L C H)` as written in tokens.css to linear sRGB clipped to the gamut; undefined when it is something else. */
export function parseOklch(text: string): Rgb | undefined {
  const match = /^oklch\(\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)\s*\)$/.exec(text.trim());
  if (!match) return undefined;
  const hue = (Number(match[3]) * Math.PI) / 180;
  const chroma = Number(match[2]);
  return labToLinear([Number(match[1]), chroma * Math.cos(hue), chroma * Math.sin(hue)]);
}

const clip = (x: number): number => Math.min(1, Math.max(0, x));

function labToLinear([lightness, a, b]: Rgb): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** Linear sRGB to OKLab: [L, a, b]. */
export function toOklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export function seenWith(vision: Vision, colour: Rgb): Rgb {
  if (vision === 'normal') return colour;
  const m = MACHADO[vision];
  const row = (i: number): number => clip(m[i]! * colour[0] + m[i + 1]! * colour[1] + m[i + 2]! * colour[2]);
  return [row(0), row(3), row(6)];
}

/** Euclidean distance in OKLab; about 0.02 is just noticeable. */
export function distance(one: Rgb, other: Rgb): number {
  const p = toOklab(one);
  const q = toOklab(other);
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

/** WCAG contrast ratio, 1–21. */
export function contrast(one: Rgb, other: Rgb): number {
  const light = (c: Rgb): number => 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
  const [high, low] = [light(one), light(other)].sort((p, q) => q - p) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** As `color-mix(in oklab, colour share, base)`. */
export function mix(colour: Rgb, base: Rgb, share: number): Rgb {
  const p = toOklab(colour);
  const q = toOklab(base);
  const at = (i: 0 | 1 | 2): number => p[i] * share + q[i] * (1 - share);
  return labToLinear([at(0), at(1), at(2)]);
}
