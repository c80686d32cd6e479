/** Writes MetricFamily messages, so that tests can say what a target exposes. */

/** A field: its number, and a value by its wire type. */
export type Field =
  | readonly [number, 'uint' | 'sint' | 'double', number]
  | readonly [number, 'text', string]
  | readonly [number, 'bytes', Uint8Array]
  | readonly [number, 'message', readonly Field[]]
  | readonly [number, 'packed sint' | 'packed double', readonly number[]];

/** The bytes of a message's fields. */
export function message(fields: readonly Field[]): Uint8Array {
  return join(fields.map(encode));
}

/** A body of families, each behind its length. */
export function delimited(families: readonly (readonly Field[])[]): Uint8Array {
  return join(families.map((family) => lengthed(message(family))));
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

function zigzag(value: number): Uint8Array {
  return varint(value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value));
}

function double(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(value).buffer);
}

function lengthed(bytes: Uint8Array): Uint8Array {
  return join([varint(bytes.length), bytes]);
}

function encode(field: Field): Uint8Array {
  const tag = (kind: number): Uint8Array => varint(field[0] * 8 + kind);
  switch (field[1]) {
    case 'uint':
      return join([tag(0), varint(field[2])]);
    case 'sint':
      return join([tag(0), zigzag(field[2])]);
    case 'double':
      return join([tag(1), double(field[2])]);
    case 'text':
      return join([tag(2), lengthed(new TextEncoder().encode(field[2]))]);
    case 'bytes':
      return join([tag(2), lengthed(field[2])]);
    case 'message':
      return join([tag(2), lengthed(message(field[2]))]);
    case 'packed sint':
      return join([tag(2), lengthed(join(field[2].map(zigzag)))]);
    case 'packed double':
      return join([tag(2), lengthed(join(field[2].map(double)))]);
  }
}

/** Field builders of io.prometheus.client's messages. */
export const label = (name: string, value: string): Field => [
  1,
  'message',
  [
    [1, 'text', name],
    [2, 'text', value],
  ],
];

export const time = (field: number, seconds: number, nanos = 0): Field => [
  field,
  'message',
  [
    [1, 'uint', seconds],
    [2, 'uint', nanos],
  ],
];

export const exemplar = (field: number, id: string, value: number, seconds?: number): Field => [
  field,
  'message',
  [label('trace_id', id), [2, 'double', value], ...(seconds === undefined ? [] : [time(3, seconds, 5e8)])],
];

export const span = (field: number, offset: number, length: number): Field => [
  field,
  'message',
  [
    [1, 'sint', offset],
    [2, 'uint', length],
  ],
];

export const bucket = (bound: number, count: number, ...more: readonly Field[]): Field => [
  3,
  'message',
  [[1, 'uint', count], [2, 'double', bound], ...more],
];

/** A family of one or more metrics. Types: counter 0, gauge 1, summary 2, untyped 3, histogram 4, gauge histogram 5. */
export function family(
  name: string,
  type: number,
  metrics: readonly (readonly Field[])[],
  more: readonly Field[] = [],
): readonly Field[] {
  const all = metrics.map((fields): Field => [4, 'message', fields]);
  return [[1, 'text', name], [2, 'text', `Help of ${name}.`], [3, 'uint', type], ...all, ...more];
}
