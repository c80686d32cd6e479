/**
 * Just enough to write a WebAssembly function as nested expressions and get the bytes of its module.
 * Source: https://webassembly.github.io/spec/core/binary/ (instructions 5.4, modules 5.5); vectors: 5.4.8.
 */

/** Bytes of instructions. */
export type Code = readonly number[];

const TYPE = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof TYPE;

const NO_RESULT = 0x40;
const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 };
const FUNCTION_TYPE = 0x60;
const END = 0x0b;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 127;
    rest >>>= 7;
    bytes.push(rest > 0 ? low | 128 : low);
  } while (rest > 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    const isLast = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
    bytes.push(isLast ? low : low | 128);
    if (isLast) return bytes;
  }
}

function float(value: number): number[] {
  return [...new Uint8Array(Float64Array.of(value).buffer)];
}

type Operands = readonly Code[];
const op =
  (...opcode: readonly number[]) =>
  (...operands: Operands): Code => [...operands.flat(), ...opcode];

/** A load or store of `2 ** align` bytes; `offset` is added to the address. */
const access =
  (align: number, ...opcode: readonly number[]) =>
  (offset: number, ...operands: Operands): Code => [
    ...operands.flat(),
    ...opcode,
    align,
    ...unsigned(offset),
  ];

const vector = (opcode: number): readonly number[] => [0xfd, ...unsigned(opcode)];

export const i32 = {
  value: (value: number): Code => [0x41, ...signed(value)],
  load: access(0, 0x28),
  load8: access(0, 0x2d),
  load16: access(0, 0x2f),
  store: access(0, 0x36),
  isZero: op(0x45),
  equal: op(0x46),
  differ: op(0x47),
  lessSigned: op(0x48),
  less: op(0x49),
  more: op(0x4b),
  atMost: op(0x4d),
  atLeast: op(0x4f),
  add: op(0x6a),
  subtract: op(0x6b),
  multiply: op(0x6c),
  and: op(0x71),
  or: op(0x72),
  shiftLeft: op(0x74),
  shiftRightSigned: op(0x75),
};

export const i64 = {
  value: (value: number): Code => [0x42, ...signed(value)],
  load: access(0, 0x29),
  load32: access(0, 0x35),
  fromI32: op(0xad),
  fromSignedI32: op(0xac),
  leadingZeros: op(0x79),
  equal: op(0x51),
  more: op(0x56),
  atMost: op(0x58),
  add: op(0x7c),
  subtract: op(0x7d),
  multiply: op(0x7e),
  and: op(0x83),
  shiftLeft: op(0x86),
  shiftRight: op(0x88),
};

export const f64 = {
  value: (value: number): Code => [0x44, ...float(value)],
  load: access(0, 0x2b),
  store: access(0, 0x39),
  fromI64: op(0xba),
  ofBits: op(0xbf),
  multiply: op(0xa2),
  divide: op(0xa3),
  negate: op(0x9a),
};

export const v128 = {
  load: access(0, ...vector(0)),
  and: op(...vector(0x4e)),
  or: op(...vector(0x50)),
  xor: op(...vector(0x51)),
  anyTrue: op(...vector(0x53)),
  zero: [...vector(12), ...new Array<number>(16).fill(0)] as Code,
};

/** Runs one after the other. */
export const all = (...parts: Operands): Code => parts.flat();
export const block = (...body: Operands): Code => [0x02, NO_RESULT, ...body.flat(), END];
/** Begins anew with `branch` to it; goes on behind it otherwise. */
export const loop = (...body: Operands): Code => [0x03, NO_RESULT, ...body.flat(), END];
export const when = (condition: Code, ...body: Operands): Code => [
  ...condition,
  0x04,
  NO_RESULT,
  ...body.flat(),
  END,
];
/** `yes` when the condition is not zero, else `no`; both are worked out. */
export const choose = (condition: Code, yes: Code, no: Code): Code => [...yes, ...no, ...condition, 0x1b];
/** To the end of the block, or the start of the loop, that is so many levels out. */
export const branch = (levels: number): Code => [0x0c, ...unsigned(levels)];
export const branchIf = (levels: number, condition: Code): Code => [...condition, 0x0d, ...unsigned(levels)];
export const giveBack = (value: Code): Code => [...value, 0x0f];

export interface Local {
  readonly get: Code;
  set(value: Code): Code;
  /** Sets it, and is the value. */
  put(value: Code): Code;
}

/** Gives names to a function's parameters and variables. */
export class Locals {
  readonly #types: ValueType[] = [];
  readonly #parameters: number;

  constructor(parameters: readonly ValueType[]) {
    this.#types.push(...parameters);
    this.#parameters = parameters.length;
  }

  parameter(at: number): Local {
    return localAt(at);
  }

  add(type: ValueType): Local {
    return localAt(this.#types.push(type) - 1);
  }

  /** The variables' types, as a function's body begins with. */
  get declared(): Code {
    const own = this.#types.slice(this.#parameters);
    return [...unsigned(own.length), ...own.flatMap((type) => [1, TYPE[type]])];
  }

  get parameters(): readonly ValueType[] {
    return this.#types.slice(0, this.#parameters);
  }
}

function localAt(at: number): Local {
  return {
    get: [0x20, ...unsigned(at)],
    set: (value) => [...value, 0x21, ...unsigned(at)],
    put: (value) => [...value, 0x22, ...unsigned(at)],
  };
}

const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
const section = (id: number, bytes: Code): Code => [id, ...sized(bytes)];
const name = (text: string): Code => sized([...new TextEncoder().encode(text)]);

/** A module of one function that gives an i32, exported as `run`; its memory comes as `env.memory`. */
export function moduleOf(locals: Locals, body: Code): Uint8Array<ArrayBuffer> {
  const parameters = locals.parameters.map((type) => TYPE[type]);
  return Uint8Array.from([
    ...MAGIC,
    ...section(SECTION.type, [1, FUNCTION_TYPE, ...sized(parameters), 1, TYPE.i32]),
    ...section(SECTION.import, [1, ...name('env'), ...name('memory'), 2, 0, 0]),
    ...section(SECTION.function, [1, 0]),
    ...section(SECTION.export, [1, ...name('run'), 0, 0]),
    ...section(SECTION.code, [1, ...sized([...locals.declared, ...body, END])]),
  ]);
}

export interface WasmMemory {
  /** Another one after `grow`. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The part of the engine's interface that is used here: https://webassembly.github.io/spec/js-api/. */
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: { env: { memory: WasmMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

const FIRST_PAGES = 4;

export function newMemory(): WasmMemory {
  return new WebAssembly.Memory({ initial: FIRST_PAGES });
}

/** The module's function. Throws where the engine has no WebAssembly with vectors. */
export function instantiate(module: Uint8Array<ArrayBuffer>, memory: WasmMemory): unknown {
  return new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } }).exports['run'];
}
