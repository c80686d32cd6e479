/** Values and lines that the kernel reads itself, and those at which it stops. */
import { seededRandom } from '@watchroom/testkit';
import { expect, test } from 'vitest';
import { RowKernel } from '../src/kernel/row-kernel.ts';
import { LINE } from '../src/packed-lines.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Lines with these texts, each without what it shares with the beginning of the one before. */
function packed(texts: readonly string[], kinds: readonly number[] = texts.map(() => LINE.wanted)) {
  const shared = texts.map((text, i) => {
    let n = 0;
    while (i > 0 && n < text.length && text[n] === texts[i - 1]![n]) n++;
    return n;
  });
  return {
    count: texts.length,
    texts: Uint8Array.from(encode(texts.map((text, i) => text.slice(shared[i])).join(''))),
    shared: Uint16Array.from(shared),
    lengths: Uint16Array.from(texts, ({ length }) => length),
    kinds: Uint8Array.from(kinds),
  };
}

/** What the kernel makes of lines with these texts, of which the body has the given ones: where it stops, and the values. */
function read(
  texts: readonly string[],
  body: string,
  kinds?: readonly number[],
): { line: number; pos: number; values: number[] } {
  const kernel = new RowKernel();
  expect(kernel.open(packed(texts, kinds), encode(body))).toBe(true);
  const place = { pos: 0, previous: 0, text: 0 };
  const line = kernel.run(0, place, 0);
  kernel.putPlace(place);
  return { line, pos: place.pos, values: [...kernel.values(kernel.out)] };
}

test('compares texts of any length, to the last byte', () => {
  for (let length = 1; length < 70; length++) {
    const text = `${'abcdefg'.repeat(10).slice(0, length)} `;
    expect(read([text, 'b '], `${text}1\nb 2\n`)).toEqual({ line: 2, pos: length + 7, values: [1, 2] });
    for (const at of [0, length - 1, Math.floor(length / 2)]) {
      const other = `${text.slice(0, at)}#${text.slice(at + 1)}`;
      expect(read([text], `${other}1\n`)).toEqual({ line: 0, pos: 0, values: [] });
    }
    expect(read([text], text.slice(0, -1))).toEqual({ line: 0, pos: 0, values: [] });
    expect(read([text], text)).toEqual({ line: 0, pos: 0, values: [] });
  }
});

test('compares what a line shares with the one before it in the body', () => {
  for (let length = 1; length < 40; length++) {
    const first = `${'abcdefg'.repeat(6).slice(0, length)} `;
    for (let shared = 0; shared <= length; shared++) {
      const second = `${first.slice(0, shared)}${'#'.repeat(17)} `;
      const body = `${first}1\n${second}2\n`;
      expect(read([first, second], body)).toEqual({ line: 2, pos: body.length, values: [1, 2] });
      for (const at of [0, shared - 1, shared, second.length - 1].filter((i) => i >= 0)) {
        const other = `${second.slice(0, at)}+${second.slice(at + 1)}`;
        const stopped = { line: 1, pos: first.length + 2, values: [1] };
        expect(read([first, second], `${first}1\n${other}2\n`)).toEqual(stopped);
      }
    }
  }
});

test('reads decimals as they are rounded, and stops at what is none or needs more digits', () => {
  const values =
    '0 -0 7 -7 123456789 1234567890123 0.5 1. .5 -.25 0000012 1e5 1e-5 1.5e+03 2e22 3e-22 9007199254740992';
  for (const text of values.split(' '))
    expect([text, read(['a '], `a ${text}\n`)]).toEqual([
      text,
      { line: 1, pos: text.length + 3, values: [Number(text)] },
    ]);
  const stops =
    '9007199254740993 0.12345678901234567 1e23 1e-23 1E5 +1 NaN +Inf -Inf . - -. 1e 1e+ 1e0000 1_0 0x1 1.2.3 1,5';
  for (const text of [...stops.split(' '), '', '1 5', '1 # {} 1', '1\r', ' 1', '1234567890123456789012'])
    expect([text, read(['a '], `a ${text}\n`)]).toEqual([text, { line: 0, pos: 0, values: [] }]);
  expect(read(['a '], 'a 1')).toEqual({ line: 0, pos: 0, values: [] });
});

test('reads any double that Number and the shortest text agree on', () => {
  const random = seededRandom(3);
  for (let i = 0; i < 2_000; i++) {
    const digits = Math.floor(random() * 16);
    const value = (random() - 0.5) * 10 ** (digits - 6);
    const text = random() < 0.5 ? value.toPrecision(1 + Math.floor(random() * 15)) : value.toExponential(6);
    const { line, values } = read(['a '], `a ${text}\n`);
    const seen = text.replace(/e.*|\D/g, '').length;
    expect([text, line]).toEqual([text, seen > 18 ? 0 : 1]);
    if (line === 1) expect([text, Object.is(values[0], Number(text))]).toEqual([text, true]);
  }
});

test('passes over comments and over values that nobody wants', () => {
  const kinds = [LINE.comment, LINE.unwanted, LINE.wanted];
  const texts = ['# HELP a b\n', 'a ', 'b '];
  expect(read(texts, '# HELP a b\na 1\nb 2\n', kinds)).toEqual({ line: 3, pos: 19, values: [2] });
  expect(read(texts, '# HELP a bc\na 1\nb 2\n', kinds).line).toBe(0);
  // It had no newline, as it stood at the end.
  expect(read(['# HELP a b', 'a '], '# HELP a ba 1\n', [LINE.comment, LINE.wanted]).line).toBe(0);
});

test('takes bodies larger than its memory, up to a bound', () => {
  const texts = Array.from({ length: 5_000 }, (_, i) => `${'long_name_'.repeat(5)}${10_000 + i} `);
  const body = texts.map((text, i) => `${text}${i}\n`).join('');
  const { line, values } = read(texts, body);
  expect([line, values.at(-1)]).toEqual([5_000, 4_999]);
  expect(new RowKernel().open(packed([]), new Uint8Array(9 * 1024 ** 2))).toBe(false);
});
