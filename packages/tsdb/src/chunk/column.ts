/**
 * One series' values (or one column of times) of up to 65,535 rows, compressed; every bit pattern survives.
 *
 *   kind u8 | [specials] | body
 *   kind: bits 0-1: 0 constant, 1 decimal, 2 xor; bit 2 (decimal): 1 differences, 0 distances from the centre;
 *         bit 3: specials follow
 *   specials: runs varint | { gap varint, length varint, code u8 (0 absent, 1 stale, 2 NaN, 3 other), [8 bytes] }*
 *   constant: 8 bytes
 *   decimal: exponent u8 | first signed | centre signed | residuals   value = integer / 10^exponent, exactly
 *   xor: first 8 bytes | shift u8 | residuals                         residual = (bits ^ previous bits) >> shift
 *
 * Differences of counters and clocks, and decimal gauges, become small integers around their typical value; they are
 * packed in fields of one width. Sources: Lemire and Boytsov, "Decoding billions of integers per second through
 * vectorization" (patched frame of reference); Pelkonen et al., "Gorilla" (xor of neighbours); decimal scaling as
 * VictoriaMetrics describes it.
 */
import { ABSENT_HIGH, ABSENT_LOW } from './absent.ts';
import type { ByteReader, ByteWriter } from './bits.ts';
import { planResiduals, readResiduals, writeResiduals } from './residuals.ts';

/** Rows that one column may have. */
export const MAX_ROWS = 65_535;

export const KIND = { constant: 0, decimal: 1, xor: 2 } as const;
export const DIFFERENCES = 4;
export const SPECIALS = 8;
const QUIET = 0x7ff8_0000;
const STALE_LOW = 2;
const SPECIAL = { absent: 0, stale: 1, nan: 2, other: 3 };

/** Beyond this the differences of two integers would not fit a double when doubled. */
const MAX_INTEGER = 2 ** 51;
const MAX_EXPONENT = 9;
export const POWERS: readonly number[] = Array.from({ length: MAX_EXPONENT + 1 }, (_, e) => 10 ** e);

const scratch = new Float64Array(MAX_ROWS + 1);
const bits = new Uint32Array(scratch.buffer);
const scaled = new Float64Array(MAX_ROWS + 1);
const low = new Uint32Array(MAX_ROWS + 1);
const high = new Uint32Array(MAX_ROWS + 1);

/** Appends `n` values of `values` from `start`. */
export function writeColumn(out: ByteWriter, values: Float64Array, start: number, n: number): void {
  scratch.set(values.subarray(start, start + n));
  const special = hasSpecials(n) && !isConstant(n);
  const kindAt = special ? SPECIALS : 0;
  if (special) {
    const runs = specialRuns(n);
    patchSpecials(runs, n);
    writeBody(out, n, kindAt, runs);
  } else writeBody(out, n, kindAt, undefined);
}

/** Reads `n` values into `target` from `start`. */
export function readColumn(reader: ByteReader, target: Float64Array, start: number, n: number): void {
  const kind = reader.byte();
  const runsAt = reader.at;
  if ((kind & SPECIALS) !== 0) skipRuns(reader);
  const mode = kind & 3;
  if (mode === KIND.constant) {
    bits[0] = reader.word();
    bits[1] = reader.word();
    target.fill(scratch[0]!, start, start + n);
  } else if (mode === KIND.decimal) readDecimal(reader, target, start, n, (kind & DIFFERENCES) !== 0);
  else readXor(reader, target, start, n);
  if ((kind & SPECIALS) === 0) return;
  const end = reader.at;
  reader.at = runsAt;
  restoreSpecials(reader, target, start);
  reader.at = end;
}

function writeBody(out: ByteWriter, n: number, flags: number, runs: readonly Run[] | undefined): void {
  if (isConstant(n)) {
    out.byte(KIND.constant | flags);
    if (runs) writeRuns(out, runs);
    out.words(bits[0]!, bits[1]!);
    return;
  }
  const exponent = findExponent(n);
  if (exponent < 0) writeXor(out, n, flags, runs);
  else writeDecimal(out, n, flags, runs, exponent);
}

function isConstant(n: number): boolean {
  const firstLow = bits[0];
  const firstHigh = bits[1];
  for (let i = 1; i < n; i++) if (bits[2 * i] !== firstLow || bits[2 * i + 1] !== firstHigh) return false;
  return true;
}

interface Run {
  readonly start: number;
  readonly length: number;
  readonly low: number;
  readonly high: number;
}

function hasSpecials(n: number): boolean {
  for (let i = 0; i < n; i++) if (Number.isNaN(scratch[i])) return true;
  return false;
}

function specialRuns(n: number): Run[] {
  const runs: Run[] = [];
  for (let i = 0; i < n; ) {
    if (!Number.isNaN(scratch[i])) {
      i++;
      continue;
    }
    let end = i + 1;
    while (end < n && bits[2 * end] === bits[2 * i] && bits[2 * end + 1] === bits[2 * i + 1]) end++;
    runs.push({ start: i, length: end - i, low: bits[2 * i]!, high: bits[2 * i + 1]! });
    i = end;
  }
  return runs;
}

/** Puts a neighbour's value into the places of the specials, so that they cost nothing in the body. */
function patchSpecials(runs: readonly Run[], n: number): void {
  let first = 0;
  while (first < n && Number.isNaN(scratch[first])) first++;
  const fallback = first < n ? scratch[first]! : 0;
  for (const run of runs)
    scratch.fill(run.start === 0 ? fallback : scratch[run.start - 1]!, run.start, run.start + run.length);
}

function writeRuns(out: ByteWriter, runs: readonly Run[]): void {
  out.varint(runs.length);
  let previous = 0;
  for (const run of runs) {
    out.varint(run.start - previous);
    out.varint(run.length);
    const code = specialCode(run);
    out.byte(code);
    if (code === SPECIAL.other) out.words(run.low, run.high);
    previous = run.start + run.length;
  }
}

function specialCode(run: Run): number {
  if (run.high === ABSENT_HIGH && run.low === ABSENT_LOW) return SPECIAL.absent;
  if (run.high !== QUIET) return SPECIAL.other;
  if (run.low === STALE_LOW) return SPECIAL.stale;
  return run.low === 0 ? SPECIAL.nan : SPECIAL.other;
}

function skipRuns(reader: ByteReader): void {
  const runs = reader.varint();
  for (let i = 0; i < runs; i++) {
    reader.varint();
    reader.varint();
    if (reader.byte() === SPECIAL.other) reader.at += 8;
  }
}

function restoreSpecials(reader: ByteReader, target: Float64Array, start: number): void {
  const words = new Uint32Array(target.buffer, target.byteOffset, target.length * 2);
  const runs = reader.varint();
  let at = start;
  for (let i = 0; i < runs; i++) {
    at += reader.varint();
    const end = at + reader.varint();
    const code = reader.byte();
    let runLow = code === SPECIAL.absent ? ABSENT_LOW : code === SPECIAL.stale ? STALE_LOW : 0;
    let runHigh = code === SPECIAL.absent ? ABSENT_HIGH : QUIET;
    if (code === SPECIAL.other) {
      runLow = reader.word();
      runHigh = reader.word();
    }
    for (; at < end; at++) {
      words[2 * at] = runLow;
      words[2 * at + 1] = runHigh;
    }
  }
}

/** The smallest exponent that makes every value an exact decimal, its integers left in `scaled`; -1 when none does. */
function findExponent(n: number): number {
  let exponent = 0;
  for (let i = 0; i < n; i++) {
    const needed = exponentOf(scratch[i]!, exponent);
    if (needed > MAX_EXPONENT) return -1;
    if (needed > exponent) {
      exponent = needed;
      i = -1;
      continue;
    }
    const integer = Math.round(scratch[i]! * POWERS[exponent]!);
    const negativeZero = integer === 0 && bits[2 * i + 1] !== 0;
    if (integer >= MAX_INTEGER || integer <= -MAX_INTEGER || negativeZero) return -1;
    scaled[i] = integer;
  }
  return exponent;
}

/** The smallest exponent from `from` on that makes the value an exact decimal; more than MAX_EXPONENT when none. */
function exponentOf(value: number, from: number): number {
  let exponent = from;
  while (exponent <= MAX_EXPONENT) {
    const power = POWERS[exponent]!;
    if (Math.round(value * power) / power === value) return exponent;
    exponent++;
  }
  return exponent;
}

function writeDecimal(
  out: ByteWriter,
  n: number,
  flags: number,
  runs: readonly Run[] | undefined,
  exponent: number,
): void {
  const centre0 = typical((i) => scaled[i]!, n);
  zigzagAround(centre0, n, false);
  const cost0 = planResiduals(low, high, n).bits;
  const centre1 = n > 1 ? typical((i) => scaled[i + 1]! - scaled[i]!, n - 1) : 0;
  zigzagAround(centre1, n, true);
  const differences = planResiduals(low, high, n).bits < cost0;
  if (!differences) zigzagAround(centre0, n, false);
  out.byte(KIND.decimal | flags | (differences ? DIFFERENCES : 0));
  if (runs) writeRuns(out, runs);
  out.byte(exponent);
  out.signed(differences ? scaled[0]! : 0);
  out.signed(differences ? centre1 : centre0);
  writeResiduals(out, low, high, n);
}

const SAMPLED = 15;
const picked = new Float64Array(SAMPLED);

/** About the median: of up to 15 evenly spaced elements. */
function typical(at: (i: number) => number, n: number): number {
  const count = Math.min(SAMPLED, n);
  for (let k = 0; k < count; k++) {
    const value = at(Math.floor((k * n) / count));
    let place = k;
    for (; place > 0 && picked[place - 1]! > value; place--) picked[place] = picked[place - 1]!;
    picked[place] = value;
  }
  return picked[count >>> 1]!;
}

function zigzagAround(centre: number, n: number, differences: boolean): void {
  for (let i = 0; i < n; i++) {
    const from = differences ? (i === 0 ? scaled[0]! - centre : scaled[i - 1]!) : 0;
    const distance = scaled[i]! - from - centre;
    const zigzag = distance >= 0 ? distance * 2 : -distance * 2 - 1;
    low[i] = zigzag % 4_294_967_296;
    high[i] = zigzag < 4_294_967_296 ? 0 : Math.floor(zigzag / 4_294_967_296);
  }
}

function readDecimal(
  reader: ByteReader,
  target: Float64Array,
  start: number,
  n: number,
  differences: boolean,
): void {
  const power = POWERS[reader.byte()] ?? 1;
  const first = reader.signed();
  const centre = reader.signed();
  readResiduals(reader, low, high, n);
  let previous = differences ? first - centre : 0;
  for (let i = 0; i < n; i++) {
    const lowWord = low[i]!;
    const half = high[i] === 0 ? lowWord >>> 1 : Math.floor((high[i]! * 4_294_967_296 + lowWord) / 2);
    const value = previous + centre + ((lowWord & 1) === 0 ? half : -half - 1);
    target[start + i] = power === 1 ? value : value / power;
    if (differences) previous = value;
  }
}

function writeXor(out: ByteWriter, n: number, flags: number, runs: readonly Run[] | undefined): void {
  low[0] = 0;
  high[0] = 0;
  let anyLow = 0;
  let anyHigh = 0;
  for (let i = 1; i < n; i++) {
    low[i] = bits[2 * i]! ^ bits[2 * i - 2]!;
    high[i] = bits[2 * i + 1]! ^ bits[2 * i - 1]!;
    anyLow |= low[i]!;
    anyHigh |= high[i]!;
  }
  const shift = anyLow !== 0 ? 31 - Math.clz32(anyLow & -anyLow) : 63 - Math.clz32(anyHigh & -anyHigh);
  for (let i = 1; i < n; i++) {
    if (shift >= 32) {
      low[i] = high[i]! >>> (shift - 32);
      high[i] = 0;
    } else if (shift > 0) {
      low[i] = (low[i]! >>> shift) | (high[i]! << (32 - shift));
      high[i] = high[i]! >>> shift;
    }
  }
  out.byte(KIND.xor | flags);
  if (runs) writeRuns(out, runs);
  out.words(bits[0]!, bits[1]!);
  out.byte(shift);
  writeResiduals(out, low, high, n);
}

function readXor(reader: ByteReader, target: Float64Array, start: number, n: number): void {
  let valueLow = reader.word();
  let valueHigh = reader.word();
  const shift = reader.byte();
  readResiduals(reader, low, high, n);
  const words = new Uint32Array(target.buffer, target.byteOffset, target.length * 2);
  for (let i = 0; i < n; i++) {
    const xLow = shift >= 32 ? 0 : low[i]! << shift;
    const xHigh =
      shift >= 32
        ? low[i]! << (shift - 32)
        : shift === 0
          ? high[i]!
          : (high[i]! << shift) | (low[i]! >>> (32 - shift));
    valueLow = (valueLow ^ xLow) >>> 0;
    valueHigh = (valueHigh ^ xHigh) >>> 0;
    words[2 * (start + i)] = valueLow;
    words[2 * (start + i) + 1] = valueHigh;
  }
}
