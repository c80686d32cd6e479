/** What rules' expressions give can be told without asking the engine: nothing, of metrics nobody has, or always the same. */
import type { Querier } from '@watchroom/model';
import { type Expr, isConstant, isSurelyEmpty } from '@watchroom/promql';
import type { RuleSample } from './rule.ts';

const NOTHING: readonly RuleSample[] = [];

export class KnownAnswers {
  /** By their texts. */
  readonly #expressions: ReadonlyMap<string, Expr>;
  readonly #lacks: ((metricName: string) => boolean) | undefined;
  /** What constant expressions gave; undefined for those that have not been evaluated. */
  readonly #constants: Map<string, readonly RuleSample[] | undefined>;

  constructor(expressions: ReadonlyMap<string, Expr>, querier: Querier) {
    this.#expressions = expressions;
    this.#lacks = querier.lacks && ((metricName) => querier.lacks!(metricName));
    this.#constants = new Map(
      [...expressions].filter(([, expr]) => isConstant(expr)).map(([promql]) => [promql, undefined]),
    );
  }

  /** What the expression gives now, for certain; undefined when the engine has to be asked. */
  of(promql: string): readonly RuleSample[] | undefined {
    const constant = this.#constants.get(promql);
    if (constant) return constant;
    const expr = this.#expressions.get(promql);
    return expr && this.#lacks && isSurelyEmpty(expr, this.#lacks) ? NOTHING : undefined;
  }

  /** Keeps what the engine gave where it gives that at any time. */
  learn(promql: string, samples: readonly RuleSample[]): void {
    if (this.#constants.has(promql)) this.#constants.set(promql, samples);
  }
}
