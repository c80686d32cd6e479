/**
 * What a scraper accepts, as far as text can serve it: how it wants names that only UTF-8 can spell.
 * Source: prometheus/common expfmt, Negotiate, and https://prometheus.io/docs/instrumenting/escaping_schemes/
 */

const SCHEMES = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;
export type EscapingScheme = (typeof SCHEMES)[number];

const TEXT_VERSION = '0.0.4';

/** The scheme that holds at the first kind of text that is accepted; without one, the last that was named. */
export function escapingOf(accept: string | undefined): EscapingScheme {
  let scheme: EscapingScheme = 'underscores';
  for (const { type, parameters } of accepted(accept ?? '')) {
    scheme = SCHEMES.find((one) => one === parameters.get('escaping')) ?? scheme;
    const version = parameters.get('version') ?? '';
    if (type === 'text/plain' && (version === '' || version === TEXT_VERSION)) break;
  }
  return scheme;
}

export function contentType(scheme: EscapingScheme): string {
  return `text/plain; version=${TEXT_VERSION}; charset=utf-8; escaping=${scheme}`;
}

interface Accepted {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The clauses of an Accept header, the dearest first. */
function accepted(header: string): Accepted[] {
  const clauses = header.split(',').map((clause) => {
    const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
    const parameters = new Map<string, string>();
    for (const part of rest) {
      const [name = '', value = ''] = part.split('=').map((side) => side.trim());
      parameters.set(name.toLowerCase(), value);
    }
    const weight = Number(parameters.get('q') ?? 1);
    return { type, parameters, weight: Number.isNaN(weight) ? 1 : weight };
  });
  return clauses.sort((a, b) => b.weight - a.weight);
}

/** A name of a metric or label in that scheme; a name that needs no quotes stays as it is. */
export function escapeName(name: string, scheme: EscapingScheme): string {
  if (scheme === 'allow-utf-8' || isPlainName(name)) return name;
  const escaped = [...name].map((char, i) => escapeChar(char, i === 0, scheme)).join('');
  return scheme === 'values' ? `U__${escaped}` : escaped;
}

/** Whether the text format takes a name without quotes. */
export function isPlainName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

function escapeChar(char: string, isFirst: boolean, scheme: EscapingScheme): string {
  if (char === '_') return scheme === 'underscores' ? '_' : '__';
  if (/[a-zA-Z:]/.test(char) || (!isFirst && /[0-9]/.test(char))) return char;
  if (scheme === 'underscores') return '_';
  if (scheme === 'dots') return char === '.' ? '_dot_' : '__';
  return `_${char.codePointAt(0)!.toString(16)}_`;
}
