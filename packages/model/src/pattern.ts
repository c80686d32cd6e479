/**
 * A fully anchored RE2 pattern, as in PromQL matchers and relabelling: linear time, `.` matches newlines.
 * Literals, alternations of literals, prefixes (`abc.*`), suffixes and `.+`/`.*` skip the engine.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/basics/ and https://github.com/google/re2/wiki/Syntax
 */
import { RE2JS } from 're2js';

/** Thrown for a pattern that RE2 refuses; `message` says why in RE2's words. */
export class PatternError extends Error {
  readonly pattern: string;

  constructor(pattern: string, reason: string) {
    super(`invalid regular expression ${JSON.stringify(pattern)}: ${reason}`);
    this.name = 'PatternError';
    this.pattern = pattern;
  }
}

const META = /[\\^$.|?*+()[\]{}]/;
const RESULT_CACHE_LIMIT = 10_000;

export class AnchoredPattern {
  readonly source: string;
  /** The only values that can match, when the pattern is a literal or an alternation of literals. */
  readonly literals: readonly string[] | undefined;
  /** Every match starts with this ('' when nothing is known). */
  readonly prefix: string;
  readonly #test: (value: string) => boolean;
  #engine: RE2JS | undefined;

  /** Throws PatternError. */
  constructor(source: string) {
    this.source = source;
    this.literals = literalsOf(source);
    this.prefix = prefixOf(source);
    this.#test = this.literals ? testLiterals(this.literals) : (testSimple(source) ?? this.#engineTest());
  }

  matches(value: string): boolean {
    return this.#test(value);
  }

  /** The groups of a full match (index 0 the whole) with their names, or undefined. Missing groups are ''. */
  exec(value: string): { groups: readonly string[]; named: Readonly<Record<string, number>> } | undefined {
    const engine = this.#compile();
    const matcher = engine.matcher(value);
    if (!matcher.matches()) return undefined;
    const groups: string[] = [];
    for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i) ?? '');
    return { groups, named: engine.namedGroups() };
  }

  #compile(): RE2JS {
    if (this.#engine === undefined) {
      try {
        // Alone first: a stray bracket must not pair with those of the wrapping.
        RE2JS.compile(this.source);
        this.#engine = RE2JS.compile(`^(?s:${this.source})$`);
      } catch (error) {
        throw new PatternError(this.source, error instanceof Error ? error.message : String(error));
      }
    }
    return this.#engine;
  }

  #engineTest(): (value: string) => boolean {
    const engine = this.#compile();
    const seen = new Map<string, boolean>();
    const prefix = this.prefix;
    return (value) => {
      if (prefix !== '' && !value.startsWith(prefix)) return false;
      const known = seen.get(value);
      if (known !== undefined) return known;
      const verdict = engine.matcher(value).matches();
      if (seen.size >= RESULT_CACHE_LIMIT) seen.clear();
      seen.set(value, verdict);
      return verdict;
    };
  }
}

function literalsOf(source: string): readonly string[] | undefined {
  const body = source.startsWith('(') && source.endsWith(')') ? source.slice(1, -1) : source;
  const parts = body.split('|');
  return parts.some((part) => META.test(part)) ? undefined : parts;
}

function prefixOf(source: string): string {
  if (source.includes('|')) return '';
  const at = source.search(META);
  if (at < 0) return source;
  // A quantifier makes the character before it optional or repeated.
  const end = '?*{'.includes(source[at]!) ? at - 1 : at;
  return source.slice(0, Math.max(0, end));
}

function testLiterals(literals: readonly string[]): (value: string) => boolean {
  if (literals.length === 1) {
    const only = literals[0];
    return (value) => value === only;
  }
  const set = new Set(literals);
  return (value) => set.has(value);
}

/** Patterns of the form `.*`, `.+`, `abc.*`, `abc.+`, `.*abc`, `.+abc`, `.*abc.*`. */
function testSimple(source: string): ((value: string) => boolean) | undefined {
  const match = /^(\.[*+])?([^\\^$.|?*+()[\]{}]*)(\.[*+])?$/.exec(source);
  if (!match) return undefined;
  const [, head, text = '', tail] = match;
  const before = head === '.+' ? 1 : 0;
  const after = tail === '.+' ? 1 : 0;
  if (head === undefined && tail === undefined) return undefined;
  if (text === '') return (value) => value.length >= before + after;
  if (head === undefined) return (value) => value.startsWith(text) && value.length >= text.length + after;
  if (tail === undefined) return (value) => value.endsWith(text) && value.length >= text.length + before;
  if (before + after > 0) return undefined;
  return (value) => value.includes(text);
}
