/**
 * Signatures of all PromQL functions.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/functions/.
 */
import type { ValueType } from './ast.ts';

export interface FunctionSignature {
  readonly name: string;
  readonly args: readonly ValueType[];
  /** 0: exactly `args`; n > 0: the last n… may be left out or repeated up to n; -1: the last repeats without end. */
  readonly variadic: number;
  readonly returns: ValueType;
  readonly experimental: boolean;
}

const table = new Map<string, FunctionSignature>();

function define(
  names: string,
  args: readonly ValueType[],
  returns: ValueType,
  variadic = 0,
  experimental = false,
): void {
  for (const name of names.split(' ')) table.set(name, { name, args, variadic, returns, experimental });
}

define('abs acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum ln log10 log2 rad sgn sin sinh sort sort_desc sqrt tan tanh timestamp absent', [
  'vector',
], 'vector');
define('absent_over_time avg_over_time changes count_over_time delta deriv idelta increase irate last_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time', [
  'matrix',
], 'vector');
define(
  'first_over_time mad_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time',
  ['matrix'],
  'vector',
  0,
  true,
);
define('day_of_month day_of_week day_of_year days_in_month hour minute month year', ['vector'], 'vector', 1);
define('clamp', ['vector', 'scalar', 'scalar'], 'vector');
define('clamp_max clamp_min', ['vector', 'scalar'], 'vector');
define('double_exponential_smoothing', ['matrix', 'scalar', 'scalar'], 'vector', 0, true);
define('histogram_fraction', ['scalar', 'scalar', 'vector'], 'vector');
define('histogram_quantile', ['scalar', 'vector'], 'vector');
define('histogram_quantiles', ['vector', 'string', 'scalar', 'scalar'], 'vector', 9, true);
define('info', ['vector', 'vector'], 'vector', 1, true);
define('label_join', ['vector', 'string', 'string', 'string'], 'vector', -1);
define('label_replace', ['vector', 'string', 'string', 'string', 'string'], 'vector');
define('pi time', [], 'scalar');
define('start end step range', [], 'scalar', 0, true);
define('start_timestamp', ['vector'], 'vector', 0, true);
define('min_of max_of', ['scalar', 'scalar'], 'scalar', 0, true);
define('predict_linear', ['matrix', 'scalar'], 'vector');
define('quantile_over_time', ['scalar', 'matrix'], 'vector');
define('round', ['vector', 'scalar'], 'vector', 1);
define('scalar', ['vector'], 'scalar');
define('sort_by_label sort_by_label_desc', ['vector', 'string'], 'vector', -1, true);
define('vector', ['scalar'], 'vector');

/** All functions by name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionSignature> = table;

/** Aggregations that take a parameter first, and its type. */
export const AGGREGATE_PARAMS: Readonly<Record<string, ValueType>> = {
  topk: 'scalar',
  bottomk: 'scalar',
  count_values: 'string',
  quantile: 'scalar',
  limitk: 'scalar',
  limit_ratio: 'scalar',
};

export const AGGREGATES: ReadonlySet<string> = new Set([
  ...['sum', 'avg', 'count', 'min', 'max', 'group', 'stddev', 'stdvar', 'topk', 'bottomk', 'count_values'],
  ...['quantile', 'limitk', 'limit_ratio'],
]);
