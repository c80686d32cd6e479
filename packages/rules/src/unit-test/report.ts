/** Expected and found, in the notation that people's scripts look for in the output of rule tests. */
import { compareBytes, type Labels, type NativeHistogram } from '@watchroom/model';
import { writeHistogram } from '@watchroom/promql/test-script';
import { formatFloat } from '../template/format-float.ts';
import { GoDuration } from '../template/go-time.ts';
import { quote } from '../template/printf.ts';
import type { Pairs } from './test-file.ts';

export interface ShownAlert {
  readonly labels: Pairs;
  readonly annotations: Pairs;
}

export interface ShownSample {
  readonly labels: Pairs;
  readonly value: number;
  readonly histogram: NativeHistogram | undefined;
}

const LEGACY_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export function pairsOf(labels: Labels): Pairs {
  return [...labels.pairs()];
}

/** Name by name, value by value; the shorter one first. */
export function comparePairs(a: Pairs, b: Pairs): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareBytes(a[i]![0], b[i]![0]) || compareBytes(a[i]![1], b[i]![1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

export function compareAlerts(a: ShownAlert, b: ShownAlert): number {
  return comparePairs(a.labels, b.labels) || comparePairs(a.annotations, b.annotations);
}

/** `{__name__="up", job="a"}` */
export function pairsText(pairs: Pairs): string {
  const items = pairs.map(
    ([name, value]) => `${LEGACY_NAME.test(name) ? name : quote(name)}=${quote(value)}`,
  );
  return `{${items.join(', ')}}`;
}

/** A bracketed list, one alert under the other. */
export function alertsText(alerts: readonly ShownAlert[]): string {
  if (alerts.length === 0) return '[]';
  const items = alerts.map(
    ({ labels, annotations }, i) =>
      `${i}:\n  Labels:${pairsText(labels)}\n  Annotations:${pairsText(annotations)}`,
  );
  return `[\n${items.join(',\n')}\n]`;
}

export function samplesText(samples: readonly ShownSample[]): string {
  return samples.length === 0 ? 'nil' : samples.map(sampleText).join(', ');
}

function sampleText({ labels, value, histogram }: ShownSample): string {
  return `${pairsText(labels)} ${histogram ? writeHistogram(histogram) : formatFloat(value, 'E', -1)}`;
}

/** All lines but the first moved to the right. */
export function indent(text: string, by: string): string {
  return text.replaceAll('\n', `\n${by}`);
}

/** `1h30m0s` */
export function goDuration(durationMs: number): string {
  return new GoDuration(BigInt(Math.round(durationMs * 1e6))).toString();
}
