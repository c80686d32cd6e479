/**
 * The loop of row-reader.ts in WebAssembly: compares a line with its text, packed as in packed-lines.ts, sixteen bytes at a time
 * and reads the plain decimal behind it.
 * It stops at the first line that is not such a one, for the caller to look at, and goes on behind it. Memory belongs to the
 * thread: what is compared is copied in for each body, and nothing stays.
 *
 * Values are those of decimal.ts: digits as an exact integer of at most 2^53, times or over an exact power of ten of at most 22.
 * Larger integers, of up to 19 digits, are multiplied by 64 bits of the power of five; where more bits of it could change the
 * rounding the kernel stops as well. Source: D. Lemire, "Number Parsing at a Gigabyte per Second" (2021), algorithm 1, and
 * N. Mushtak and D. Lemire, "Fast Number Parsing Without Fallback" (2023), which proves it for every 64-bit integer.
 */

import { LINE, type LinePlace, type PackedLines } from '../packed-lines.ts';
import {
  all,
  block,
  branch,
  branchIf,
  type Code,
  choose,
  f64,
  giveBack,
  i32,
  i64,
  instantiate,
  type Local,
  Locals,
  loop,
  moduleOf,
  newMemory,
  v128,
  when,
} from './wasm-text.ts';

/** Lines as packed-lines.ts has them. */
export type RowLines = Pick<PackedLines, 'count' | 'shared' | 'lengths' | 'kinds' | 'texts'>;

const PAGE_BYTES = 65_536;
/** Larger ones are read without the kernel. */
const MOST_BYTES = 8 * 1024 ** 2;
/** Vectors may be read so far over the end. */
const SLACK_BYTES = 32;
const VECTOR_BYTES = 16;
const MOST_POWER = 22;
/** Digits that surely fit 64 bits. */
const MOST_DIGITS = 19;
const MOST_EXPONENT_DIGITS = 3;

/** Fixed places in memory. */
const PLACE = {
  pos: 0,
  out: 4,
  previous: 8,
  text: 12,
  powers: 16,
  exact: 208,
  masks: 224,
  fives: 512,
  rest: 896,
};

/** Of the upper half of a product: what is below a double's 53 bits and the one that rounds, when its uppermost bit is not set. */
const SPARE_BITS = 64 - 52 - 3;
const UNSURE = 2 ** SPARE_BITS - 1;
/** In 65,536ths; ten to the q is 2 to the floor of this times q, and between one and two times that. */
const LOG2_OF_10 = 217_706;
/** Of a double's exponent. */
const BIAS = 1023;

const NEWLINE = 10;
const MINUS = 45;
const PLUS = 43;
const POINT = 46;
const ZERO = 48;
const SMALL_E = 101;

/** The kernel's text. `levels`: how far out the block is that ends the walk. */
class KernelText {
  readonly #locals = new Locals(Array.from({ length: 7 }, () => 'i32'));
  readonly #line = this.#locals.parameter(0);
  readonly #count = this.#locals.parameter(1);
  readonly #shares = this.#locals.parameter(2);
  readonly #lengths = this.#locals.parameter(3);
  readonly #kinds = this.#locals.parameter(4);
  readonly #values = this.#locals.parameter(5);
  readonly #limit = this.#locals.parameter(6);
  /** Where the line begins, the one before it, and the place of its value. */
  readonly #pos = this.#locals.add('i32');
  readonly #previous = this.#locals.add('i32');
  readonly #out = this.#locals.add('i32');
  /** What it should begin with: so many bytes of the line before, then its own text. */
  readonly #length = this.#locals.add('i32');
  readonly #shared = this.#locals.add('i32');
  readonly #own = this.#locals.add('i32');
  readonly #text = this.#locals.add('i32');
  readonly #ownFrom = this.#locals.add('i32');
  readonly #kind = this.#locals.add('i32');
  /** Bytes that were compared. */
  readonly #done = this.#locals.add('i32');
  readonly #difference = this.#locals.add('v128');
  /** Of the value: the byte at hand, where it stands, and as a digit. */
  readonly #at = this.#locals.add('i32');
  readonly #byte = this.#locals.add('i32');
  readonly #digit = this.#locals.add('i32');
  readonly #from = this.#locals.add('i32');
  readonly #seen = this.#locals.add('i32');
  readonly #negative = this.#locals.add('i32');
  readonly #below = this.#locals.add('i32');
  readonly #power = this.#locals.add('i32');
  readonly #exponent = this.#locals.add('i32');
  readonly #mantissa = this.#locals.add('i64');
  /** Of an integer of more than 2^53: its bits moved to the left, by how many, and its product with a power of five. */
  readonly #bits = this.#locals.add('i64');
  readonly #moved = this.#locals.add('i64');
  readonly #middle = this.#locals.add('i64');
  readonly #high = this.#locals.add('i64');
  readonly #value = this.#locals.add('f64');

  /** Its parameters are those of `Run`; it gives the line at which it stopped. */
  module(): Uint8Array<ArrayBuffer> {
    const [line, pos, out] = [this.#line, this.#pos, this.#out];
    const [previous, text] = [this.#previous, this.#text];
    return moduleOf(
      this.#locals,
      all(
        pos.set(i32.load(PLACE.pos, i32.value(0))),
        out.set(i32.load(PLACE.out, i32.value(0))),
        previous.set(i32.load(PLACE.previous, i32.value(0))),
        text.set(i32.load(PLACE.text, i32.value(0))),
        block(
          loop(
            branchIf(1, i32.atLeast(line.get, this.#count.get)),
            this.#compare(1),
            this.#kind.set(i32.load8(0, i32.add(this.#kinds.get, line.get))),
            block(
              block(
                branchIf(0, i32.differ(this.#kind.get, i32.value(LINE.comment))),
                this.#passComment(3),
                branch(1),
              ),
              this.#read(2),
              this.#keep(),
              this.#at.set(i32.add(this.#at.get, i32.value(1))),
            ),
            text.set(i32.add(text.get, this.#own.get)),
            previous.set(pos.get),
            pos.set(this.#at.get),
            line.set(i32.add(line.get, i32.value(1))),
            branch(0),
          ),
        ),
        i32.store(PLACE.pos, i32.value(0), pos.get),
        i32.store(PLACE.out, i32.value(0), out.get),
        i32.store(PLACE.previous, i32.value(0), previous.get),
        i32.store(PLACE.text, i32.value(0), text.get),
        giveBack(line.get),
        // Never reached; the function's type wants a value here.
        i32.value(0),
      ),
    );
  }

  #compare(levels: number): Code {
    const [length, shared, own] = [this.#length, this.#shared, this.#own];
    const half = i32.shiftLeft(this.#line.get, i32.value(1));
    return all(
      length.set(i32.load16(0, i32.add(this.#lengths.get, half))),
      shared.set(i32.load16(0, i32.add(this.#shares.get, half))),
      own.set(i32.subtract(length.get, shared.get)),
      this.#ownFrom.set(i32.add(this.#pos.get, shared.get)),
      branchIf(levels, i32.more(i32.add(this.#pos.get, length.get), this.#limit.get)),
      this.#difference.set(v128.zero),
      this.#differ(this.#pos, this.#previous, shared),
      this.#differ(this.#ownFrom, this.#text, own),
      branchIf(levels, v128.anyTrue(this.#difference.get)),
    );
  }

  /** Adds to the difference that of so many bytes in two places. */
  #differ(here: Local, there: Local, length: Local): Code {
    const [done, difference] = [this.#done, this.#difference];
    const unlike = v128.xor(
      v128.load(0, i32.add(here.get, done.get)),
      v128.load(0, i32.add(there.get, done.get)),
    );
    const rest = i32.shiftLeft(i32.subtract(length.get, done.get), i32.value(4));
    return all(
      done.set(i32.value(0)),
      block(
        loop(
          branchIf(1, i32.more(i32.add(done.get, i32.value(VECTOR_BYTES)), length.get)),
          difference.set(v128.or(difference.get, unlike)),
          done.set(i32.add(done.get, i32.value(VECTOR_BYTES))),
          branch(0),
        ),
      ),
      // Of the rest, the bytes that belong to the text.
      difference.set(v128.or(difference.get, v128.and(unlike, v128.load(PLACE.masks, rest)))),
    );
  }

  /** A comment that ended a body without a newline may be the beginning of this one. */
  #passComment(levels: number): Code {
    const last = i32.load8(0, i32.subtract(this.#at.get, i32.value(1)));
    return all(
      this.#at.set(i32.add(this.#pos.get, this.#length.get)),
      branchIf(levels, i32.differ(last, i32.value(NEWLINE))),
    );
  }

  /** Reads the decimal behind the text, up to its newline. */
  #read(levels: number): Code {
    const [at, byte, from, seen] = [this.#at, this.#byte, this.#from, this.#seen];
    const [mantissa, exponent, value] = [this.#mantissa, this.#exponent, this.#value];
    const ten = i64.multiply(mantissa.get, i64.value(10));
    const digits = this.#digits(mantissa.set(i64.add(ten, i64.fromI32(this.#digit.get))));
    return all(
      at.set(i32.add(this.#pos.get, this.#length.get)),
      byte.set(i32.load8(0, at.get)),
      this.#negative.set(i32.equal(byte.get, i32.value(MINUS))),
      when(this.#negative.get, this.#next()),
      mantissa.set(i64.value(0)),
      exponent.set(i32.value(0)),
      from.set(at.get),
      digits,
      seen.set(i32.subtract(at.get, from.get)),
      when(
        i32.equal(byte.get, i32.value(POINT)),
        this.#next(),
        from.set(at.get),
        digits,
        exponent.set(i32.subtract(from.get, at.get)),
        seen.set(i32.subtract(seen.get, exponent.get)),
      ),
      branchIf(levels, i32.atLeast(i32.subtract(seen.get, i32.value(1)), i32.value(MOST_DIGITS))),
      when(i32.equal(byte.get, i32.value(SMALL_E)), this.#readExponent(levels + 1)),
      branchIf(levels, i32.differ(byte.get, i32.value(NEWLINE))),
      branchIf(levels, i32.atLeast(at.get, this.#limit.get)),
      branchIf(levels, i32.more(i32.add(exponent.get, i32.value(MOST_POWER)), i32.value(2 * MOST_POWER))),
      value.set(f64.fromI64(mantissa.get)),
      value.set(
        choose(
          i32.lessSigned(exponent.get, i32.value(0)),
          f64.divide(value.get, powerOf(i32.subtract(i32.value(0), exponent.get))),
          f64.multiply(value.get, powerOf(exponent.get)),
        ),
      ),
      when(
        i64.more(mantissa.get, i64.load(PLACE.exact, i32.value(0))),
        // A whole number is rounded by its conversion.
        when(exponent.get, this.#roundProduct(levels + 2)),
      ),
    );
  }

  /** The value of an integer of more than 2^53 times ten to the exponent, which is not 0. Names as in the sources. */
  #roundProduct(levels: number): Code {
    const [exponent, w, moved] = [this.#exponent, this.#bits, this.#moved];
    const [middle, high] = [this.#middle, this.#high];
    const power = i32.shiftLeft(i32.add(exponent.get, i32.value(MOST_POWER)), i32.value(3));
    const [fiveLow, fiveHigh] = [i64.load32(PLACE.fives, power), i64.load32(PLACE.fives + 4, power)];
    const lowHalf = (of: Code): Code => i64.and(of, i64.fromI32(i32.value(-1)));
    const highHalf = (of: Code): Code => i64.shiftRight(of, i64.value(32));
    const upperBit = i64.shiftRight(high.get, i64.value(63));
    const below = i64.add(upperBit, i64.value(SPARE_BITS));
    return all(
      moved.set(i64.leadingZeros(this.#mantissa.get)),
      w.set(i64.shiftLeft(this.#mantissa.get, moved.get)),
      // The upper 64 of the product's 128 bits.
      middle.set(
        i64.add(i64.multiply(highHalf(w.get), fiveLow), highHalf(i64.multiply(lowHalf(w.get), fiveLow))),
      ),
      high.set(
        i64.add(
          i64.add(i64.multiply(highHalf(w.get), fiveHigh), highHalf(middle.get)),
          highHalf(i64.add(i64.multiply(lowHalf(w.get), fiveHigh), lowHalf(middle.get))),
        ),
      ),
      // More bits of the power could carry up to the last bit that is kept.
      branchIf(levels, i64.equal(i64.and(high.get, i64.value(UNSURE)), i64.value(UNSURE))),
      middle.set(i64.multiply(w.get, i64.load(PLACE.fives, power))),
      w.set(i64.shiftRight(high.get, below)),
      // It may lie just between two values.
      when(
        i64.atMost(middle.get, i64.value(1)),
        branchIf(levels + 1, i64.equal(i64.shiftLeft(w.get, below), high.get)),
      ),
      w.set(i64.shiftRight(i64.add(w.get, i64.and(w.get, i64.value(1))), i64.value(1))),
      // The value's exponent, one less as the leading bit of the digits is added to it.
      middle.set(
        i64.fromSignedI32(
          i32.add(
            i32.shiftRightSigned(i32.multiply(exponent.get, i32.value(LOG2_OF_10)), i32.value(16)),
            i32.value(63 + BIAS - 1),
          ),
        ),
      ),
      middle.set(i64.subtract(i64.add(middle.get, upperBit), moved.get)),
      this.#value.set(f64.ofBits(i64.add(i64.shiftLeft(middle.get, i64.value(52)), w.get))),
    );
  }

  /** Reads the exponent behind the byte at hand. */
  #readExponent(levels: number): Code {
    const [byte, below, power, exponent] = [this.#byte, this.#below, this.#power, this.#exponent];
    const digits = i32.subtract(this.#at.get, this.#from.get);
    return all(
      this.#next(),
      below.set(i32.equal(byte.get, i32.value(MINUS))),
      when(i32.or(below.get, i32.equal(byte.get, i32.value(PLUS))), this.#next()),
      power.set(i32.value(0)),
      this.#from.set(this.#at.get),
      this.#digits(power.set(i32.add(i32.multiply(power.get, i32.value(10)), this.#digit.get))),
      // None, or so many that their number may not fit.
      branchIf(levels, i32.atLeast(i32.subtract(digits, i32.value(1)), i32.value(MOST_EXPONENT_DIGITS))),
      exponent.set(
        i32.add(exponent.get, choose(below.get, i32.subtract(i32.value(0), power.get), power.get)),
      ),
    );
  }

  /** While the byte at hand is a digit, does `each` with it and goes on to the next. */
  #digits(each: Code): Code {
    const digit = this.#digit.put(i32.subtract(this.#byte.get, i32.value(ZERO)));
    return block(loop(branchIf(1, i32.atLeast(digit, i32.value(10))), each, this.#next(), branch(0)));
  }

  #next(): Code {
    return this.#byte.set(i32.load8(0, this.#at.put(i32.add(this.#at.get, i32.value(1)))));
  }

  /** Keeps the value if it is wanted. */
  #keep(): Code {
    const [out, value] = [this.#out, this.#value];
    return when(
      i32.equal(this.#kind.get, i32.value(LINE.wanted)),
      f64.store(
        0,
        i32.add(this.#values.get, i32.shiftLeft(out.get, i32.value(3))),
        choose(this.#negative.get, f64.negate(value.get), value.get),
      ),
      out.set(i32.add(out.get, i32.value(1))),
    );
  }
}

/** Of a power that may be out of range: whoever asks does not use it then, and memory there is readable. */
const powerOf = (power: Code): Code =>
  f64.load(PLACE.powers, i32.shiftLeft(i32.and(power, i32.value(31)), i32.value(3)));

/** The upper 64 bits of five to a power, moved to the left: those of 128 bits, rounded down, and up where it is a fraction. */
function fiveBits(power: number): bigint {
  const five = 5n ** BigInt(Math.abs(power));
  const width = BigInt(five.toString(2).length);
  const bits = power < 0 ? 2n ** (width + 127n) / five + 1n : five << (128n - width);
  return bits >> 64n;
}

type Run = (
  line: number,
  count: number,
  shared: number,
  lengths: number,
  kinds: number,
  values: number,
  limit: number,
) => number;

const roundUp = (bytes: number): number => (bytes + 15) & ~15;

export class RowKernel {
  readonly #memory = newMemory();
  readonly #run: Run;
  #bytes!: Uint8Array;
  #halves!: Uint16Array;
  #state!: Int32Array;
  #lines: RowLines | undefined;
  #shared = 0;
  #lengths = 0;
  #kinds = 0;
  #values = 0;
  #texts = 0;
  #body = 0;
  #limit = 0;

  constructor() {
    this.#run = instantiate(new KernelText().module(), this.#memory) as Run;
    this.#view();
    const { buffer } = this.#memory;
    new Float64Array(buffer, PLACE.powers, MOST_POWER + 1).set(
      Array.from({ length: MOST_POWER + 1 }, (_, i) => Number(`1e${i}`)),
    );
    new BigInt64Array(buffer, PLACE.exact, 1)[0] = 2n ** 53n;
    new BigUint64Array(buffer, PLACE.fives, 2 * MOST_POWER + 1).set(
      Array.from({ length: 2 * MOST_POWER + 1 }, (_, i) => fiveBits(i - MOST_POWER)),
    );
    for (let n = 0; n < VECTOR_BYTES; n++)
      this.#bytes.fill(255, PLACE.masks + n * VECTOR_BYTES, PLACE.masks + n * VECTOR_BYTES + n);
  }

  /** Takes a body and the lines it should have; false when that is too much. */
  open(lines: RowLines, body: Uint8Array): boolean {
    const { count, texts, shared, lengths, kinds } = lines;
    this.#shared = PLACE.rest;
    this.#lengths = this.#shared + count * 2;
    this.#kinds = this.#lengths + count * 2;
    this.#values = roundUp(this.#kinds + count);
    this.#texts = roundUp(this.#values + count * 8);
    this.#body = roundUp(this.#texts + texts.length + SLACK_BYTES);
    this.#limit = this.#body + body.length;
    if (!this.#reserve(this.#limit + SLACK_BYTES)) return false;
    this.#lines = lines;
    const bytes = this.#bytes;
    this.#halves.set(shared, this.#shared >> 1);
    this.#halves.set(lengths, this.#lengths >> 1);
    bytes.set(kinds, this.#kinds);
    bytes.set(texts, this.#texts);
    bytes.set(body, this.#body);
    // What is read over the end must be no digit.
    bytes.fill(0, this.#limit, this.#limit + SLACK_BYTES);
    return true;
  }

  /** Goes on at a line in its place, with the place of its value; gives the line at which it stopped. */
  run(line: number, { pos, previous, text }: LinePlace, out: number): number {
    const state = this.#state;
    state[PLACE.pos >> 2] = this.#body + pos;
    state[PLACE.previous >> 2] = this.#body + previous;
    state[PLACE.text >> 2] = this.#texts + text;
    state[PLACE.out >> 2] = out;
    return this.#run(
      line,
      this.#lines!.count,
      this.#shared,
      this.#lengths,
      this.#kinds,
      this.#values,
      this.#limit,
    );
  }

  /** Writes down where that line is. */
  putPlace(place: LinePlace): void {
    const state = this.#state;
    place.pos = state[PLACE.pos >> 2]! - this.#body;
    place.previous = state[PLACE.previous >> 2]! - this.#body;
    place.text = state[PLACE.text >> 2]! - this.#texts;
  }

  /** The place of its value. */
  get out(): number {
    return this.#state[PLACE.out >> 2]!;
  }

  /** The values so far; good until the next body. */
  values(count: number): Float64Array {
    return new Float64Array(this.#memory.buffer, this.#values, count);
  }

  #reserve(bytes: number): boolean {
    if (bytes <= this.#bytes.length) return true;
    if (bytes > MOST_BYTES) return false;
    this.#memory.grow(Math.ceil((bytes - this.#bytes.length) / PAGE_BYTES));
    this.#view();
    return true;
  }

  #view(): void {
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#halves = new Uint16Array(this.#memory.buffer);
    this.#state = new Int32Array(this.#memory.buffer);
  }
}

let shared: RowKernel | undefined;
let isTried = false;

/** One for the thread; undefined where the engine cannot run it. */
export function sharedKernel(): RowKernel | undefined {
  if (!isTried) {
    isTried = true;
    try {
      shared = new RowKernel();
    } catch {
      shared = undefined;
    }
  }
  return shared;
}
