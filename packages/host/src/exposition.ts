/**
 * Builds text format 0.0.4: families in the order they were first asked for, each with its HELP and TYPE.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export type FamilyType = 'counter' | 'gauge' | 'untyped';

/** Label names and values; values are escaped here. */
export type LabelPairs = readonly (readonly [string, string])[];

export class Family {
  readonly #name: string;
  #text: string;

  constructor(name: string, type: FamilyType, help: string) {
    this.#name = name;
    this.#text = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  }

  /** `labels` comes from `labelText`. A value that is no number is left out. */
  add(value: number | undefined, labels = ''): void {
    if (value !== undefined) this.#text += `${this.#name}${labels} ${numberText(value)}\n`;
  }

  toString(): string {
    return this.#text;
  }
}

export class Exposition {
  readonly #families = new Map<string, Family>();

  /** The family of that name; type and help count at the first call. */
  family(name: string, type: FamilyType, help: string): Family {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const family = new Family(name, type, help);
    this.#families.set(name, family);
    return family;
  }

  gauge(name: string, help: string, value: number | undefined, labels = ''): void {
    if (value !== undefined) this.family(name, 'gauge', help).add(value, labels);
  }

  counter(name: string, help: string, value: number | undefined, labels = ''): void {
    if (value !== undefined) this.family(name, 'counter', help).add(value, labels);
  }

  toString(): string {
    let text = '';
    for (const family of this.#families.values()) text += family.toString();
    return text;
  }
}

export function labelText(pairs: LabelPairs): string {
  return `{${pairs.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(',')}}`;
}

function escapeValue(value: string): string {
  return /[\\"\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}
