/**
 * One observation behind a sample, by convention with a `trace_id`; `timeMs` is an integer.
 * Source: https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md#exemplars
 */
import type { Labels } from './labels.ts';

export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly timeMs: number;
}

/** Label names and values of an exemplar together have at most so many Unicode characters. */
export const MAX_EXEMPLAR_CHARACTERS = 128;

/**
 * What became of an exemplar. `duplicate`: equal to the series' newest, harmless. `out_of_order`: before the series' newest
 * by time, then value, then labels. `disabled`: the store keeps none. All but `ok` are not stored.
 */
export type ExemplarOutcome = 'ok' | 'duplicate' | 'out_of_order' | 'too_long' | 'disabled';

/** Whether an exemplar may follow the newest one of its series, as Prometheus decides it. */
export function judgeExemplar(newest: Exemplar | undefined, exemplar: Exemplar): ExemplarOutcome {
  if (charactersOf(exemplar.labels) > MAX_EXEMPLAR_CHARACTERS) return 'too_long';
  if (!newest) return 'ok';
  const order =
    Math.sign(exemplar.timeMs - newest.timeMs) ||
    Math.sign(exemplar.value - newest.value) ||
    exemplar.labels.compare(newest.labels);
  if (order === 0) return 'duplicate';
  return order < 0 ? 'out_of_order' : 'ok';
}

function charactersOf(labels: Labels): number {
  let units = 0;
  for (let i = 0; i < labels.size; i++) units += labels.names[i]!.length + labels.values[i]!.length;
  if (units <= MAX_EXEMPLAR_CHARACTERS) return units;
  // Two units make one character beyond the basic plane.
  return [...labels.names, ...labels.values].reduce((sum, text) => sum + [...text].length, 0);
}
