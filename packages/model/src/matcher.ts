/**
 * Label matchers. A missing label matches as ''.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors
 */
import type { Labels } from './labels.ts';
import { AnchoredPattern } from './pattern.ts';

export type MatchOperator = '=' | '!=' | '=~' | '!~';

export class Matcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
  /** Present for =~ and !~. */
  readonly pattern: AnchoredPattern | undefined;
  #text: string | undefined;

  /** Throws PatternError when a regular expression is not RE2. */
  constructor(name: string, operator: MatchOperator, value: string) {
    this.name = name;
    this.operator = operator;
    this.value = value;
    this.pattern = operator === '=~' || operator === '!~' ? new AnchoredPattern(value) : undefined;
  }

  /** Whether a label value ('' for an absent label) satisfies the matcher. */
  matches(value: string): boolean {
    switch (this.operator) {
      case '=':
        return value === this.value;
      case '!=':
        return value !== this.value;
      case '=~':
        return this.pattern!.matches(value);
      case '!~':
        return !this.pattern!.matches(value);
    }
  }

  /** Whether series without the label satisfy it. */
  get matchesEmpty(): boolean {
    return this.matches('');
  }

  toString(): string {
    this.#text ??= `${this.name}${this.operator}${JSON.stringify(this.value)}`;
    return this.#text;
  }
}

/** Whether all matchers hold for the label set. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  for (const matcher of matchers) if (!matcher.matches(labels.get(matcher.name))) return false;
  return true;
}
