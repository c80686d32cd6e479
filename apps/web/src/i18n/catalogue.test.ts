/** Both catalogues have the same keys and placeholders, every key is used, and components carry no text of their own. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { en, type MessageKey } from './en.ts';
import { zh } from './zh.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
const keys = Object.keys(en) as MessageKey[];
const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

/** Letters between `>` and `</` on one line of JSX: text that a person would read and nobody could translate. */
const HARD_CODED = />\s*[A-Za-z][A-Za-z ,.'’]*[a-z]\s*<\//;
const TEXT_ATTRIBUTE = /\s(?:aria-label|title|placeholder|alt)="[^"]*[A-Za-z]/;

describe('message catalogues', () => {
  it('zh has exactly the keys of en', () => {
    expect(Object.keys(zh).sort()).toEqual([...keys].sort());
  });

  it.each(keys)('%s has the same placeholders and no empty text', (key) => {
    expect(placeholders(zh[key])).toEqual(placeholders(en[key]));
    expect(en[key].trim()).not.toBe('');
    expect(zh[key].trim()).not.toBe('');
  });

  it('every key is used', () => {
    const all = sources
      .filter(({ file }) => !/i18n[\\/](en|zh)(-\w+)?\.ts$/.test(file))
      .map(({ text }) => text)
      .join('\n');
    expect(keys.filter((key) => !all.includes(`'${key}'`))).toEqual([]);
  });

  it('components have no text of their own', () => {
    const found = sources
      .filter(({ file }) => file.endsWith('.tsx'))
      .flatMap(({ file, text }) =>
        text
          .split('\n')
          .filter((line) => HARD_CODED.test(line) || TEXT_ATTRIBUTE.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(found).toEqual([]);
  });

  it('finds hard-coded text when there is some', () => {
    expect(HARD_CODED.test('<p>Hello there</p>')).toBe(true);
    expect(TEXT_ATTRIBUTE.test('<a title="Go home">')).toBe(true);
  });
});
