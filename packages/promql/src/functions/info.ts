/** info(): adds the data labels of info metrics. */
import type { Grid, Value } from '../eval/column.ts';
import type { Evaluator } from '../eval/evaluator.ts';
import type { Call } from '../parser/ast.ts';

export async function info(evaluator: Evaluator, expr: Call, grid: Grid): Promise<Value> {
  return { type: 'vector', columns: await evaluator.vector(expr.args[0]!, grid) };
}
