import { describe, expect, it } from 'vitest';
import { fitText } from './fit-text.ts';

/** Every character is half its font size wide. */
const width = (text: string): number => [...text].length * 0.5;
const fit = (text: string, widthPx: number) => fitText(text, { widthPx, fontPx: 14, minFontPx: 10 }, width);

describe('fitText', () => {
  it('leaves a text that fits as it is', () => {
    expect(fit('order', 100)).toEqual({ text: 'order', fontPx: 14 });
  });

  it('shrinks before it cuts', () => {
    expect(fit('recommendation', 85)).toEqual({ text: 'recommendation', fontPx: 12 });
  });

  it('then takes from the middle and keeps both ends', () => {
    const { text, fontPx } = fit('recommendation-feature-store', 61);
    expect(fontPx).toBe(10);
    expect(text).toBe('recomm…store');
    expect(width(text) * 10).toBeLessThanOrEqual(60);
  });

  it('cuts between characters, not inside them', () => {
    expect(fit('订单服务推荐引擎特征存储', 31).text).toBe('订单服…存储');
  });

  it('has something to show for any width', () => {
    expect(fit('order', 1).text).toBe('o');
    expect(fit('', 10).text).toBe('');
  });
});
