/**
 * Parsed queries by their text. Operators keep with the nodes of a tree what they have found out about its series (groups, matching
 * labels, pairs), so that a tree that stays holds memory for each series its query has met. So a query that is asked once leaves nothing:
 * its tree goes when it has run for the first time. Trees of queries that come again stay, those used last, within a bound of series.
 */
import type { Expr } from './parser/ast.ts';

const MOST_TEXTS = 2_000;

interface Entry {
  expr: Expr | undefined;
  hasRun: boolean;
  /** What the last run met, counted for trees that stay. */
  series: number;
}

export class ParsedQueries {
  readonly #parse: (query: string) => Expr;
  readonly #mostSeries: number;
  /** The one used longest ago comes first. */
  readonly #entries = new Map<string, Entry>();
  #series = 0;

  constructor(parse: (query: string) => Expr, mostSeries: number) {
    this.#parse = parse;
    this.#mostSeries = mostSeries;
  }

  /** Series of all trees that are kept, each as often as it is in one. */
  get series(): number {
    return this.#series;
  }

  /** Throws what the parser throws. */
  get(query: string): Expr {
    const known = this.#entries.get(query);
    const expr = known?.expr ?? this.#parse(query);
    if (known) this.#entries.delete(query);
    else if (this.#entries.size >= MOST_TEXTS) this.#drop(this.#oldest()!);
    this.#entries.set(query, known ?? { expr, hasRun: false, series: 0 });
    if (known) known.expr = expr;
    return expr;
  }

  /** To be called when a query has ended that met so many series, whether it came to an answer or not. */
  hasRun(query: string, series: number): void {
    const entry = this.#entries.get(query);
    if (!entry) return;
    if (!entry.hasRun) {
      entry.hasRun = true;
      entry.expr = undefined;
      return;
    }
    if (series > this.#mostSeries) {
      this.#drop(query);
      return;
    }
    this.#series += series - entry.series;
    entry.series = series;
    while (this.#series > this.#mostSeries) this.#drop(this.#oldest()!);
  }

  #oldest(): string | undefined {
    return this.#entries.keys().next().value;
  }

  #drop(query: string): void {
    this.#series -= this.#entries.get(query)!.series;
    this.#entries.delete(query);
  }
}
