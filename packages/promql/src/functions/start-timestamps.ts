/**
 * What a sample's start timestamp (ms, 0: not known) tells about resets of its counter.
 * Source: https://prometheus.io/docs/prometheus/latest/feature_flags/#created-timestamps-zero-injection and the
 * temporality of https://opentelemetry.io/docs/specs/otel/metrics/data-model/#resets-and-gaps.
 */
import type { Window } from '../eval/window.ts';
import { quote } from '../parser/go-strings.ts';

/** Times and start timestamps of samples of one kind. */
export interface Starts {
  readonly times: Float64Array;
  readonly starts: Float64Array | undefined;
}

/** Whether the counter was started anew between samples i − 1 and i. */
export function startedAnew({ times, starts }: Starts, i: number): boolean {
  if (!starts) return false;
  return isStartReset(starts[i - 1]!, times[i - 1]!, starts[i]!, times[i]!);
}

/**
 * A start at or after the sample itself says nothing. One at the sample before is a reset when that one's own start is
 * known and earlier: a delta; otherwise a cumulative counter whose start is unknown.
 */
export function isStartReset(
  previousStart: number,
  previous: number,
  start: number,
  current: number,
): boolean {
  if (start === 0 || start >= current || start < previous) return false;
  if (start > previous) return true;
  return previousStart !== 0 && previousStart < previous;
}

/** Warns once a series when a sample counts from before the one in front of it, and not from the same start. */
export function noteOverlap(window: Window, { times, starts }: Starts, lo: number, hi: number): void {
  if (!starts) return;
  for (let i = lo + 1; i < hi; i++) {
    if (starts[i] === 0 || starts[i]! >= times[i - 1]! || starts[i] === starts[i - 1]) continue;
    const name = quote(window.metricName);
    window.warn(`sample has start time that overlaps with previous sample timestamp for metric ${name}`);
    return;
  }
}

/** The start of sample i when it lies after the window's and before the sample: there the counter stood at zero. */
export function startWithin(window: Window, { times, starts }: Starts, i: number): number | undefined {
  const start = starts?.[i] ?? 0;
  return start !== 0 && start > window.startMs && start < times[i]! ? start : undefined;
}
