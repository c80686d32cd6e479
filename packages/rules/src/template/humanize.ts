/**
 * Numbers and times for people, as Prometheus' templates write them.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#numbers
 */
import { parseValue } from '@watchroom/model';
import { formatFloat } from './format-float.ts';
import { GoDuration, GoTime } from './go-time.ts';
import { quote } from './printf.ts';
import { type GoValue, typeOf } from './value.ts';

const LARGE = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const SMALL = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];
const BINARY = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];

/** Four significant digits. */
const short = (value: number): string => formatFloat(value, 'g', 4);

/** A number, an int, a duration or a text that reads as a number; throws with Go's words otherwise. */
export function toFloat(value: GoValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof GoDuration) return Number(value.nanoseconds) / 1e9;
  if (typeof value !== 'string') throw new Error(`can't convert ${typeOf(value)} to float`);
  const parsed = parseValue(value);
  if (parsed === undefined) throw new Error(`strconv.ParseFloat: parsing ${quote(value)}: invalid syntax`);
  return parsed;
}

export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return short(value);
  return Math.abs(value) >= 1 ? scaleDown(value, 1000, LARGE) : scaleUp(value);
}

export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return short(value);
  return scaleDown(value, 1024, BINARY);
}

/** Seconds. */
export function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return short(value);
  if (value === 0) return '0s';
  if (Math.abs(value) < 1) return `${scaleUp(value)}s`;
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  const total = Math.floor(size);
  const [days, hours, minutes] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
  ];
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${total % 60}s`;
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${total % 60}s`;
  if (minutes > 0) return `${sign}${minutes}m ${total % 60}s`;
  return `${sign}${short(size)}s`;
}

export function humanizePercentage(value: number): string {
  return `${short(value * 100)}%`;
}

/** Seconds since the epoch. */
export function humanizeTimestamp(value: number): string {
  return Number.isFinite(value) ? toTime(value).toString() : short(value);
}

/** The instant, cut to milliseconds as Prometheus does; throws when it does not fit 64 bits of nanoseconds. */
export function toTime(seconds: number): GoTime {
  const nanoseconds = seconds * 1e9;
  if (Number.isNaN(nanoseconds) || nanoseconds >= 2 ** 63 || nanoseconds <= -(2 ** 63))
    throw new Error(
      `${formatFloat(seconds, 'g', -1)} cannot be represented as a nanoseconds timestamp since it overflows int64`,
    );
  const milliseconds = BigInt(Math.trunc(nanoseconds)) / 1_000_000n;
  return new GoTime(milliseconds * 1_000_000n);
}

function scaleDown(value: number, step: number, prefixes: readonly string[]): string {
  let rest = value;
  let prefix = '';
  for (const next of prefixes) {
    if (Math.abs(rest) < step) break;
    prefix = next;
    rest /= step;
  }
  return short(rest) + prefix;
}

function scaleUp(value: number): string {
  let rest = value;
  let prefix = '';
  for (const next of SMALL) {
    if (Math.abs(rest) >= 1) break;
    prefix = next;
    rest *= 1000;
  }
  return short(rest) + prefix;
}
