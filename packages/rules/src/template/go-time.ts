/**
 * Go's time.Time (always UTC here) and time.Duration, as far as templates use them.
 * Source: https://pkg.go.dev/time
 */
import { type GoFunction, GoObject, type GoValue } from './value.ts';

const SECOND = 1_000_000_000n;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const LAYOUT =
  /January|Jan|Monday|Mon|MST|2006|Z07:00|-07:00|-0700|01|02|03|04|05|06|15|PM|pm|_2|[.,](?:0+|9+)(?!\d)|[12345]/g;

/** A length of time in nanoseconds. */
export class GoDuration extends GoObject {
  readonly typeName = 'time.Duration';
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    super();
    this.nanoseconds = nanoseconds;
  }

  get methods(): ReadonlyMap<string, GoFunction> {
    const per = (unit: number): GoFunction => method([], () => Number(this.nanoseconds) / unit);
    const whole = (unit: bigint): GoFunction => method([], () => this.nanoseconds / unit);
    return new Map([
      ['String', method([], () => this.toString())],
      ['Hours', per(3.6e12)],
      ['Minutes', per(6e10)],
      ['Seconds', per(1e9)],
      ['Milliseconds', whole(1_000_000n)],
      ['Microseconds', whole(1000n)],
      ['Nanoseconds', whole(1n)],
      ['Abs', method([], () => new GoDuration(this.nanoseconds < 0n ? -this.nanoseconds : this.nanoseconds))],
    ]);
  }

  /** `1h0m0s`, `30m0s`, `1.5s`, `100ms`, `0s`. */
  override toString(): string {
    if (this.nanoseconds === 0n) return '0s';
    const sign = this.nanoseconds < 0n ? '-' : '';
    const total = this.nanoseconds < 0n ? -this.nanoseconds : this.nanoseconds;
    if (total < SECOND) {
      const [unit, size] =
        total < 1000n ? ['ns', 1n] : total < 1_000_000n ? ['µs', 1000n] : ['ms', 1_000_000n];
      return `${sign}${decimal(total, size as bigint)}${unit}`;
    }
    const seconds = `${decimal(total % (60n * SECOND), SECOND)}s`;
    const minutes = total / (60n * SECOND);
    if (minutes === 0n) return sign + seconds;
    if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
    return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
  }
}

/** An instant in UTC, in nanoseconds since the epoch. */
export class GoTime extends GoObject {
  readonly typeName = 'time.Time';
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    super();
    this.nanoseconds = nanoseconds;
  }

  get methods(): ReadonlyMap<string, GoFunction> {
    const number = (read: (date: Date) => number): GoFunction => method([], () => BigInt(read(this.#date())));
    return new Map<string, GoFunction>([
      ['Format', method(['string'], (layout) => this.format(layout as string))],
      ['String', method([], () => this.toString())],
      ['Add', method(['duration'], (by) => new GoTime(this.nanoseconds + (by as GoDuration).nanoseconds))],
      ['Sub', method(['time'], (from) => new GoDuration(this.nanoseconds - (from as GoTime).nanoseconds))],
      ['Before', method(['time'], (other) => this.nanoseconds < (other as GoTime).nanoseconds)],
      ['After', method(['time'], (other) => this.nanoseconds > (other as GoTime).nanoseconds)],
      ['Equal', method(['time'], (other) => this.nanoseconds === (other as GoTime).nanoseconds)],
      ['Unix', method([], () => floorDivide(this.nanoseconds, SECOND))],
      ['UnixMilli', method([], () => floorDivide(this.nanoseconds, 1_000_000n))],
      ['UnixMicro', method([], () => floorDivide(this.nanoseconds, 1000n))],
      ['UnixNano', method([], () => this.nanoseconds)],
      ['UTC', method([], () => this)],
      ['Year', number((date) => date.getUTCFullYear())],
      ['Day', number((date) => date.getUTCDate())],
      ['Hour', number((date) => date.getUTCHours())],
      ['Minute', number((date) => date.getUTCMinutes())],
      ['Second', number((date) => date.getUTCSeconds())],
      ['Month', method([], () => MONTHS[this.#date().getUTCMonth()]!)],
      ['Weekday', method([], () => DAYS[this.#date().getUTCDay()]!)],
    ]);
  }

  override toString(): string {
    return this.format('2006-01-02 15:04:05.999999999 -0700 MST');
  }

  /** Go's layouts, written as the reference time Mon Jan 2 15:04:05 MST 2006. */
  format(layout: string): string {
    const date = this.#date();
    const fraction = (((this.nanoseconds % SECOND) + SECOND) % SECOND).toString().padStart(9, '0');
    return layout.replace(LAYOUT, (part) => formatPart(part, date, fraction));
  }

  #date(): Date {
    return new Date(Number(floorDivide(this.nanoseconds, 1_000_000n)));
  }
}

function formatPart(part: string, date: Date, fraction: string): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const hour = date.getUTCHours();
  const parts: Readonly<Record<string, string>> = {
    January: MONTHS[date.getUTCMonth()]!,
    Jan: MONTHS[date.getUTCMonth()]!.slice(0, 3),
    Monday: DAYS[date.getUTCDay()]!,
    Mon: DAYS[date.getUTCDay()]!.slice(0, 3),
    MST: 'UTC',
    '2006': String(date.getUTCFullYear()).padStart(4, '0'),
    '06': two(date.getUTCFullYear() % 100),
    '01': two(date.getUTCMonth() + 1),
    '1': String(date.getUTCMonth() + 1),
    '02': two(date.getUTCDate()),
    _2: String(date.getUTCDate()).padStart(2, ' '),
    '2': String(date.getUTCDate()),
    '15': two(hour),
    '03': two(hour % 12 || 12),
    '3': String(hour % 12 || 12),
    '04': two(date.getUTCMinutes()),
    '4': String(date.getUTCMinutes()),
    '05': two(date.getUTCSeconds()),
    '5': String(date.getUTCSeconds()),
    PM: hour < 12 ? 'AM' : 'PM',
    pm: hour < 12 ? 'am' : 'pm',
    'Z07:00': 'Z',
    '-07:00': '+00:00',
    '-0700': '+0000',
  };
  const known = parts[part];
  if (known !== undefined) return known;
  const digits = fraction.slice(0, part.length - 1);
  if (part[1] === '0') return part[0] + digits;
  const trimmed = digits.replace(/0+$/, '');
  return trimmed === '' ? '' : part[0] + trimmed;
}

function method(parameters: GoFunction['parameters'], run: (...args: GoValue[]) => GoValue): GoFunction {
  return { parameters, run };
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = (value % unit).toString().padStart(digits, '0').replace(/0+$/, '');
  return fraction === '' || digits === 0 ? String(value / unit) : `${value / unit}.${fraction}`;
}

function floorDivide(a: bigint, b: bigint): bigint {
  return a >= 0n || a % b === 0n ? a / b : a / b - 1n;
}
