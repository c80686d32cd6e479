/** Calls of template functions: whether a value fits a parameter, and the call itself. */
import { GoDuration, GoTime } from './go-time.ts';
import { type GoFunction, GoSlice, GoStruct, type GoType, type GoValue, typeOf } from './value.ts';

/** The names that error texts use. */
const NAMES: Readonly<Record<GoType, string>> = {
  any: 'interface {}',
  string: 'string',
  int: 'int',
  float64: 'float64',
  bool: 'bool',
  duration: 'time.Duration',
  time: 'time.Time',
  sample: '*template.sample',
  queryResult: 'template.queryResult',
};

/** Why the value cannot be given where the type is asked for, or undefined when it can. */
export function checkType(value: GoValue, type: GoType): string | undefined {
  if (type === 'any') return undefined;
  if (value === null)
    return type === 'sample' || type === 'queryResult' ? undefined : `invalid value; expected ${NAMES[type]}`;
  return fits(value, type)
    ? undefined
    : `wrong type for value; expected ${NAMES[type]}; got ${typeOf(value)}`;
}

/** Runs it; an exception becomes the error of the call. */
export function callFunction(called: GoFunction, values: readonly GoValue[]): GoValue {
  return called.run(...values);
}

function fits(value: GoValue, type: GoType): boolean {
  switch (type) {
    case 'duration':
      return value instanceof GoDuration;
    case 'time':
      return value instanceof GoTime;
    case 'sample':
      return value instanceof GoStruct && value.typeName === NAMES.sample;
    case 'queryResult':
      return value instanceof GoSlice && value.typeName === NAMES.queryResult;
    default:
      return typeOf(value) === NAMES[type];
  }
}
