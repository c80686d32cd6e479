import { describe, expect, it } from 'vitest';
import { fitNames, NAME_LINE } from './fit-names.ts';

/** Every character is half its font size wide. */
const width = (text: string): number => [...text].length * 0.5;
const ROOM = { widthPx: 61, heightPx: 24, fontPx: 12, minFontPx: 8, weight: 500 };
const lines = (names: readonly string[], room = ROOM) =>
  [...fitNames(names, room, width).values()].map((each) => each.lines.join('|'));

describe('fitNames', () => {
  it('leaves short names on one line', () => {
    expect(lines(['order', 'tax-api'])).toEqual(['order', 'tax-api']);
  });

  it('breaks long ones at a joint and shows them whole', () => {
    expect(lines(['translation-api', 'warehouse-gateway', 'shop.eu.orders'])).toEqual([
      'translation-|api',
      'warehouse-|gateway',
      'shop.eu.|orders',
    ]);
  });

  it('breaks a name without joints where it must', () => {
    expect(lines(['recommendationengine'])).toEqual(['recommenda|tionengine']);
  });

  it('stays inside its box', () => {
    for (const name of [
      'translation-api',
      'a-very-very-long-service-name-that-does-not-fit',
      '推荐引擎特征存储服务',
    ]) {
      const { lines: shown, fontPx } = fitNames([name], ROOM, width).get(name)!;
      expect(shown.length * fontPx * NAME_LINE).toBeLessThanOrEqual(ROOM.heightPx);
      for (const line of shown) expect(width(line) * fontPx).toBeLessThanOrEqual(ROOM.widthPx);
      expect(fontPx).toBeGreaterThanOrEqual(ROOM.minFontPx);
    }
  });

  it('never lets two different names look alike', () => {
    const tight = { ...ROOM, heightPx: 10, widthPx: 40 };
    const names = Array.from({ length: 40 }, (_, i) => `platform-region-${i}-checkout-service-worker-pool`);
    const shown = lines([...names, 'platform-region-x-checkout-service-worker-pool'], tight);
    expect(new Set(shown).size).toBe(41);
  });
});
