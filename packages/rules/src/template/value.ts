/**
 * Go values as templates see them: a JavaScript number is a float64, a bigint an int, null an invalid value (Go's nil).
 * Composite values carry the name of their Go type, as error texts quote it.
 */
export type GoValue = string | boolean | number | bigint | null | GoMap | GoSlice | GoStruct | GoObject;

/** A map with string keys. */
export class GoMap {
  readonly typeName: string;
  readonly entries: ReadonlyMap<string, GoValue>;
  /** What an absent key reads as. */
  readonly zero: GoValue;

  constructor(typeName: string, entries: ReadonlyMap<string, GoValue>, zero: GoValue) {
    this.typeName = typeName;
    this.entries = entries;
    this.zero = zero;
  }

  static ofStrings(object: Readonly<Record<string, string>>): GoMap {
    return new GoMap('map[string]string', new Map(Object.entries(object)), '');
  }
}

export class GoSlice {
  readonly typeName: string;
  readonly items: readonly GoValue[];

  constructor(typeName: string, items: readonly GoValue[]) {
    this.typeName = typeName;
    this.items = items;
  }
}

export class GoStruct {
  readonly typeName: string;
  readonly fields: ReadonlyMap<string, GoValue>;

  constructor(typeName: string, fields: Readonly<Record<string, GoValue>>) {
    this.typeName = typeName;
    this.fields = new Map(Object.entries(fields));
  }
}

/** A value with methods, such as a time. */
export abstract class GoObject {
  abstract readonly typeName: string;
  abstract readonly methods: ReadonlyMap<string, GoFunction>;
  abstract toString(): string;
}

/** A type that a parameter asks for. */
export type GoType =
  | 'any'
  | 'string'
  | 'int'
  | 'float64'
  | 'bool'
  | 'duration'
  | 'time'
  | 'sample'
  | 'queryResult';

export interface GoFunction {
  readonly parameters: readonly GoType[];
  /** The last parameter may repeat, also zero times. */
  readonly variadic?: boolean;
  /** Throws Error; its message becomes part of the template's error. */
  readonly run: (...args: GoValue[]) => GoValue;
}

/** Go's name of a value's type. */
export function typeOf(value: GoValue): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'bigint':
      return 'int';
    default:
      return value === null ? '<nil>' : value.typeName;
  }
}

/** Go's `truth`: whether the value is not the zero of its type (structs are always true). */
export function truth(value: GoValue): boolean {
  if (value instanceof GoMap) return value.entries.size > 0;
  if (value instanceof GoSlice) return value.items.length > 0;
  if (value instanceof GoStruct || value instanceof GoObject) return true;
  if (typeof value === 'number') return value !== 0;
  return Boolean(value);
}
