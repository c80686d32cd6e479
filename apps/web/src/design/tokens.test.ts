/** Reads tokens.css as text and computes what it promises: contrast (WCAG 2.2 AA) and states that stay apart. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { contrast, distance, mix, parseOklch, type Rgb, seenWith, toOklab, VISIONS } from './colour-math.ts';
import { STATES } from './state.ts';

const css = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'tokens.css'), 'utf8');

function themeOf(selector: string): (name: string) => Rgb {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf('\n}', start));
  return (name) => {
    const text = new RegExp(`--${name}:\\s*([^;]+);`).exec(block)?.[1];
    const colour = text === undefined ? undefined : parseOklch(text);
    if (!colour) throw new Error(`${selector} has no OKLCH colour --${name}: ${text}`);
    return colour;
  };
}

const SURFACES = ['surface-0', 'surface-1', 'surface-2', 'surface-3'];
const SERIES = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `series-${n}`);
/** WCAG 1.4.3: normal text; 1.4.11: parts of controls and graphics. */
const AA_TEXT = 4.5;
const AA_GRAPHIC = 3;
const TINT = 0.1;

describe.each(['[data-theme="dark"]', '[data-theme="light"]'])('tokens of %s', (selector) => {
  const token = themeOf(selector);

  it.each(['text-1', 'text-2', 'text-3', 'accent'])('--%s is readable on every surface', (name) => {
    for (const surface of SURFACES) expect(contrast(token(name), token(surface))).toBeGreaterThan(AA_TEXT);
  });

  it('text on filled controls and states is readable', () => {
    expect(contrast(token('on-accent'), token('accent'))).toBeGreaterThan(AA_TEXT);
    for (const state of STATES)
      expect(contrast(token('on-state'), token(`state-${state}`))).toBeGreaterThan(AA_TEXT);
  });

  it.each(STATES)('state %s is readable on surfaces and on its own tint', (state) => {
    const colour = token(`state-${state}`);
    for (const surface of SURFACES) expect(contrast(colour, token(surface))).toBeGreaterThan(AA_TEXT);
    const tint = mix(colour, token('surface-1'), TINT);
    expect(contrast(colour, tint)).toBeGreaterThan(AA_TEXT);
    expect(contrast(token('text-2'), tint)).toBeGreaterThan(AA_TEXT);
  });

  it('states differ in lightness and in every type of colour vision', () => {
    for (const [i, one] of STATES.entries()) {
      for (const other of STATES.slice(i + 1)) {
        const [p, q] = [token(`state-${one}`), token(`state-${other}`)];
        expect(Math.abs(toOklab(p)[0] - toOklab(q)[0]), `${one}/${other} lightness`).toBeGreaterThan(0.04);
        for (const vision of VISIONS) {
          const apart = distance(seenWith(vision, p), seenWith(vision, q));
          expect(apart, `${one}/${other} ${vision}`).toBeGreaterThan(0.05);
        }
      }
    }
  });

  it('lines of charts and borders of inputs stand out from their ground', () => {
    for (const name of [...SERIES, 'border-strong'])
      expect(contrast(token(name), token('surface-1')), name).toBeGreaterThan(AA_GRAPHIC);
  });
});

it('a grey one shade from the surface is not accepted', () => {
  expect(contrast(parseOklch('oklch(0.5 0 0)')!, parseOklch('oklch(0.3 0 0)')!)).toBeLessThan(AA_TEXT);
});
