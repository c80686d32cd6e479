/**
 * Stored samples as OpenMetrics lines and back. The format has no staleness marker and one NaN: a NaN with other bits than the
 * ordinary one carries them in an exemplar, which other readers pass over:
 *
 *   up{job="a"} NaN 1700000000.500 # {nan_bits="7ff8000000000002"} NaN
 */
import { type Labels, METRIC_NAME } from '@watchroom/model';

const NAN_BITS = 'nan_bits';
const ORDINARY_NAN = 0x7ff8_0000_0000_0000n;
const LEGACY_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LEGACY_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

const scratch = new Float64Array(1);
const bits = new BigUint64Array(scratch.buffer);

/** `name{label="value"}`; names that only UTF-8 allows are quoted. Undefined without a metric's name: there is no text for that. */
export function seriesText(labels: Labels): string | undefined {
  const name = labels.metricName;
  if (name === '') return undefined;
  const legacy = LEGACY_METRIC.test(name);
  const parts = legacy ? [] : [quoted(name)];
  for (const [label, value] of labels.pairs()) {
    if (label === METRIC_NAME) continue;
    parts.push(`${LEGACY_LABEL.test(label) ? label : quoted(label)}=${quoted(value)}`);
  }
  const list = parts.length > 0 ? `{${parts.join(',')}}` : '';
  return legacy ? name + list : list;
}

/** What follows the series: value, time, and the bits of a NaN that is not the ordinary one. */
export function sampleText(values: Float64Array, i: number, timeMs: number): string {
  const value = values[i]!;
  const time = timeText(timeMs);
  if (!Number.isNaN(value)) return ` ${numberText(value)} ${time}\n`;
  // From array to array, as a plain number may lose the bits.
  scratch.set(values.subarray(i, i + 1));
  if (bits[0] === ORDINARY_NAN) return ` NaN ${time}\n`;
  return ` NaN ${time} # {${NAN_BITS}="${bits[0]!.toString(16)}"} NaN\n`;
}

/** As stored. */
export function bitsOf(value: number): bigint {
  scratch[0] = value;
  return bits[0]!;
}

/** The value of a line: its exemplar tells the bits of a NaN. */
export function readValue(value: number, exemplar: Labels | undefined): number {
  if (!Number.isNaN(value)) return value;
  const text = exemplar?.get(NAN_BITS) ?? '';
  if (!/^[0-9a-f]{16}$/.test(text)) return Number.NaN;
  bits[0] = BigInt(`0x${text}`);
  return Number.isNaN(scratch[0]!) ? scratch[0]! : Number.NaN;
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Seconds with the three digits that ms need, exactly. */
function timeText(timeMs: number): string {
  const sign = timeMs < 0 ? '-' : '';
  const ms = Math.abs(timeMs);
  const rest = ms % 1000;
  const whole = (ms - rest) / 1000;
  return rest === 0 ? `${sign}${whole}` : `${sign}${whole}.${String(rest).padStart(3, '0')}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`;
}
