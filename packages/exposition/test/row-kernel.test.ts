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
    '0 -0 7 -7 123456789 1234567890123 0.5 1. .5 -.25 0000012 1e5 1e-5 1.5e+03 2e22 3e-22 9007199254740992 9007199254740993 0.12345678901234567 1.2345678901234567e+10 1234567890123456789 -98765.432109876543';
  for (const text of values.split(' '))
    expect([text, read(['a '], `a ${text}\n`)]).toEqual([
      text,
      { line: 1, pos: text.length + 3, values: [Number(text)] },
    ]);
  const stops =
    '12345678901234567890 1e23 1e-23 12345678901234567e23 4503599627370496.5 1E5 +1 NaN +Inf -Inf . - -. 1e 1e+ 1e0000 1_0 0x1 1.2.3 1,5';
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
    expect([text, line]).toEqual([text, seen > 19 ? 0 : 1]);
    if (line === 1) expect([text, Object.is(values[0], Number(text))]).toEqual([text, true]);
  }
});

/** Of each text the value, or undefined where the kernel stops. */
function readEach(texts: readonly string[]): (number | undefined)[] {
  const kernel = new RowKernel();
  const lines = texts.map((text) => `a ${text}\n`);
  expect(kernel.open(packed(texts.map(() => 'a ')), encode(lines.join('')))).toBe(true);
  const found: (number | undefined)[] = [];
  const place = { pos: 0, previous: 0, text: 0 };
  for (let n = 0; ; n = kernel.out) {
    const stop = kernel.run(found.length, place, n);
    found.push(...kernel.values(kernel.out).slice(n));
    if (stop === texts.length) return found;
    found.push(undefined);
    kernel.putPlace(place);
    // The first line's text is its own, and the others' too.
    place.text = 2;
    place.previous = place.pos;
    place.pos += lines[stop]!.length;
  }
}

/** A decimal with up to 19 digits that is as near as can be to the middle between a double and the next. */
function nearMiddle(digits: bigint, power: number, offset: bigint): string {
  const value = Number(`${digits}e${power}`);
  const exponent = Math.floor(Math.log2(value)) - 53;
  const middle = 2n * BigInt(value / 2 ** (exponent + 1)) + 1n;
  const up = (middle << BigInt(Math.max(0, exponent))) * 10n ** BigInt(Math.max(0, -power));
  const down = (1n << BigInt(Math.max(0, -exponent))) * 10n ** BigInt(Math.max(0, power));
  return `${(2n * up + down) / (2n * down) + offset}e${power}`;
}

test('rounds integers of 16 to 19 digits times a power of ten as Number does, and rarely stops', () => {
  const random = seededRandom(5);
  const texts = Array.from({ length: 60_000 }, (_, i) => {
    const long = (random() * 8 + 1).toFixed(15) + String(i).padStart(5, '3');
    const digits = BigInt(long.replace('.', '').slice(0, 16 + (i % 4)));
    const power = Math.floor(random() * 45) - 22;
    if (i % 3 === 0) return nearMiddle(digits, power, BigInt(Math.floor(random() * 3) - 1));
    if (i % 3 === 1) return `-${digits}e${power}`;
    const text = String(digits);
    return `${text.slice(0, 1 + (i % 15))}.${text.slice(1 + (i % 15))}`;
  });
  const found = readEach(texts);
  const wrong = texts.filter((text, i) => found[i] !== undefined && !Object.is(found[i], Number(text)));
  expect(wrong).toEqual([]);
  const usual = found.filter((_, i) => i % 3 !== 0);
  expect(usual.filter((value) => value === undefined).length / usual.length).toBeLessThan(0.01);
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
