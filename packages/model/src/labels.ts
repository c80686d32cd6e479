/**
 * A label set: names with values, sorted by name in byte order, no empty values.
 * Source: Prometheus data model, https://prometheus.io/docs/concepts/data_model/ (an empty value is an absent label).
 */
import { compareBytes } from './compare-bytes.ts';
import { internedNames, internedText } from './intern.ts';

/** The label that carries the metric's name. */
export const METRIC_NAME = '__name__';

/** Joins names and values in a key, which so has one byte for each character. */
const SEPARATOR = '\0';
/** Where the first one is part of a text; cannot appear in valid UTF-8 text. */
const RARE_SEPARATOR = '\uffff';

/** An immutable, sorted label set. Equal sets have equal `key`s. */
export class Labels {
  static readonly EMPTY: Labels = new Labels([], []);

  readonly names: readonly string[];
  readonly values: readonly string[];
  /** What has been made of them: one field, as most of a hundred thousand sets are never asked for any of it. */
  #made: Made | undefined;

  /** Both arrays have one length; `names` ascend in byte order without repeats; no value is empty. Use `from…`. */
  private constructor(names: readonly string[], values: readonly string[]) {
    this.names = names;
    this.values = values;
  }

  /** Takes names that are already sorted, distinct, with non-empty values; owns both arrays from here on. */
  static fromSorted(names: readonly string[], values: readonly string[]): Labels {
    return names.length === 0 ? Labels.EMPTY : new Labels(names, values);
  }

  /** Drops empty values; a repeated name keeps its last value. */
  static fromPairs(pairs: Iterable<readonly [string, string]>): Labels {
    const map = new Map<string, string>();
    for (const [name, value] of pairs) map.set(name, value);
    const kept = [...map].filter(([, value]) => value !== '').sort((a, b) => compareBytes(a[0], b[0]));
    return Labels.fromSorted(
      kept.map(([name]) => name),
      kept.map(([, value]) => value),
    );
  }

  static fromObject(object: Readonly<Record<string, string>>): Labels {
    return Labels.fromPairs(Object.entries(object));
  }

  get size(): number {
    return this.names.length;
  }

  /** A string that is equal exactly for equal sets; built once, on first use. */
  get key(): string {
    this.#made ??= new Made();
    if (this.#made.key === undefined) {
      const parts: string[] = [];
      for (let i = 0; i < this.names.length; i++) parts.push(this.names[i]!, this.values[i]!);
      // Joined and not added up, so that it is one text and not a tree of them.
      const key = parts.join(SEPARATOR);
      const isPlain = !parts.some((part) => part.includes(SEPARATOR));
      this.#made.key = isPlain ? key : `${RARE_SEPARATOR}${parts.join(RARE_SEPARATOR)}`;
    }
    return this.#made.key;
  }

  /** A JSON object of its names and values; built once, on first use. */
  get json(): string {
    this.#made ??= new Made();
    if (this.#made.json === undefined) {
      const pairs = this.names.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(this.values[i])}`);
      this.#made.json = `{${pairs.join(',')}}`;
    }
    return this.#made.json;
  }

  /** The value, or '' when the label is absent. */
  get(name: string): string {
    const i = this.names.indexOf(name);
    return i < 0 ? '' : this.values[i]!;
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** The metric's name, or ''. */
  get metricName(): string {
    return this.get(METRIC_NAME);
  }

  /** The set with `name` set to `value` ('' removes it). */
  with(name: string, value: string): Labels {
    return Labels.fromPairs([...this.pairs(), [name, value]]);
  }

  /** The set without the metric's name; made once, on first use. */
  get nameless(): Labels {
    this.#made ??= new Made();
    if (this.#made.nameless === undefined) {
      const at = this.names.indexOf(METRIC_NAME);
      const names = internedNames(this.names.filter((_, i) => i !== at));
      this.#made.nameless =
        at < 0 ? this : Labels.fromSorted(names, exact(this.values.filter((_, i) => i !== at)));
    }
    return this.#made.nameless;
  }

  /** An equal set that shares its texts with others: for sets that stay. */
  interned(): Labels {
    return Labels.fromSorted(internedNames(this.names), this.values.map(internedText));
  }

  /** The set without the given names. */
  without(names: ReadonlySet<string>): Labels {
    return filtered(this, (name) => !names.has(name));
  }

  /** Only the given names. */
  keep(names: ReadonlySet<string>): Labels {
    return filtered(this, (name) => names.has(name));
  }

  *pairs(): Generator<readonly [string, string]> {
    for (let i = 0; i < this.names.length; i++) yield [this.names[i]!, this.values[i]!];
  }

  toObject(): Record<string, string> {
    return Object.fromEntries(this.pairs());
  }

  equals(other: Labels): boolean {
    return this === other || (areSame(this.names, other.names) && areSame(this.values, other.values));
  }

  /** Order of Prometheus' results: name by name, value by value, in byte order; the shorter set first. */
  compare(other: Labels): number {
    const n = Math.min(this.size, other.size);
    for (let i = 0; i < n; i++) {
      const byName = compareBytes(this.names[i]!, other.names[i]!);
      if (byName !== 0) return byName;
      const byValue = compareBytes(this.values[i]!, other.values[i]!);
      if (byValue !== 0) return byValue;
    }
    return this.size - other.size;
  }

  /** PromQL notation: `up{job="a"}`. */
  toString(): string {
    const inside: string[] = [];
    for (const [name, value] of this.pairs()) {
      if (name !== METRIC_NAME) inside.push(`${name}=${JSON.stringify(value)}`);
    }
    if (inside.length === 0 && this.metricName !== '') return this.metricName;
    return `${this.metricName}{${inside.join(', ')}}`;
  }
}

class Made {
  key: string | undefined = undefined;
  json: string | undefined = undefined;
  nameless: Labels | undefined = undefined;
}

/** No method: with a private one each set would take a word more. */
function filtered(labels: Labels, keeps: (name: string) => boolean): Labels {
  const names: string[] = [];
  const values: string[] = [];
  for (let i = 0; i < labels.names.length; i++) {
    if (!keeps(labels.names[i]!)) continue;
    names.push(labels.names[i]!);
    values.push(labels.values[i]!);
  }
  return names.length === labels.names.length ? labels : Labels.fromSorted(exact(names), exact(values));
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A list that was added to has room for more; a copy has not. */
function exact(list: readonly string[]): readonly string[] {
  return list.slice();
}
