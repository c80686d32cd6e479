import type { Querier } from '@watchroom/model';
import type { Engine } from '@watchroom/promql';
import type { RuleQuery } from './rule.ts';

/** Rule queries answered by an engine over a store. */
export function engineQuery(engine: Pick<Engine, 'instant'>, querier: Querier): RuleQuery {
  return async (promql, timeMs, signal, shared) =>
    (await engine.instant({ query: promql, timeMs, querier, signal, shared })).value;
}
