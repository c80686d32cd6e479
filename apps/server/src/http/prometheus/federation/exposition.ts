/**
 * Samples in the text format 0.0.4, each with its own time, one untyped family for each metric name.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format; numbers as Go's
 * FormatFloat(v, 'g', -1, 64) prints them.
 */
import { compareBytes, type Labels, METRIC_NAME } from '@watchroom/model';
import { ByteWriter } from '../byte-writer.ts';
import { type EscapingScheme, escapeName, isPlainName } from './accept.ts';

export interface FederatedSample {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
}

export interface ExpositionOptions {
  /** Added to a series that lacks the label; an empty value is written too. `instance` is among them. */
  readonly externalLabels: readonly (readonly [name: string, value: string])[];
  readonly escaping: EscapingScheme;
}

/** The external labels by name, with an empty `instance` unless they have one: a scraper then leaves that label off. */
export function attachedLabels(external: Labels): (readonly [string, string])[] {
  const all = new Map<string, string>([['instance', ''], ...external.pairs()]);
  return [...all].sort(([a], [b]) => compareBytes(a, b));
}

/** By name, then by labels; what has no name is left out, as the format cannot say it. */
export function inOrder(samples: readonly FederatedSample[]): FederatedSample[] {
  const families = new Map<string, FederatedSample[]>();
  for (const sample of samples) {
    const name = sample.labels.metricName;
    const family = families.get(name);
    if (family) family.push(sample);
    else families.set(name, [sample]);
  }
  families.delete('');
  return [...families]
    .sort(([a], [b]) => compareBytes(a, b))
    .flatMap(([, family]) => family.sort((a, b) => a.labels.compare(b.labels)));
}

/** Writes ordered samples piece by piece. */
export function* exposition(
  samples: readonly FederatedSample[],
  { externalLabels, escaping }: ExpositionOptions,
): Generator<Buffer, void> {
  const writer = new ByteWriter();
  const names = new LabelNames(escaping);
  const attached = externalLabels.map(([name, value]) => [name, names.before(name) + quoted(value)] as const);
  let family = '';
  let head = '';
  for (const { labels, timeMs, value } of samples) {
    if (labels.metricName !== family) {
      family = labels.metricName;
      head = escapeName(family, escaping);
      writer.text(`# TYPE ${isPlainName(head) ? head : quoted(head)} untyped\n`);
      head = isPlainName(head) ? `${head}{` : `{${quoted(head)},`;
    }
    let line = head;
    for (let i = 0; i < labels.size; i++) {
      const name = labels.names[i]!;
      if (name !== METRIC_NAME) line += `${names.before(name)}${quoted(labels.values[i]!)},`;
    }
    for (const [name, text] of attached) {
      if (!labels.has(name)) line += `${text},`;
    }
    // `instance` is on every line, by its own or attached, so that there is a comma to give way.
    writer.text(`${line.slice(0, -1)}} ${sampleText(value)} ${timeMs}\n`);
    while (writer.hasPiece) yield writer.take();
  }
  while (writer.hasPiece) yield writer.take();
  yield writer.rest();
}

/** How label names are spelt, found once for each of an answer. */
class LabelNames {
  readonly #escaping: EscapingScheme;
  readonly #spelt = new Map<string, string>();

  constructor(escaping: EscapingScheme) {
    this.#escaping = escaping;
  }

  /** The name and the equals sign. */
  before(name: string): string {
    let text = this.#spelt.get(name);
    if (text === undefined) {
      const escaped = escapeName(name, this.#escaping);
      text = `${isPlainName(escaped) ? escaped : quoted(escaped)}=`;
      this.#spelt.set(name, text);
    }
    return text;
  }
}

function quoted(text: string): string {
  if (!/[\\\n"]/.test(text)) return `"${text}"`;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`;
}

/** An exponent below 1e-4 and from 1e6 on, of two digits at least; a negative zero is 0. */
export function sampleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e-4 && size < 1e6) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
