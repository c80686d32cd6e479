/** Values per cell over a range: a live query whose head is the open cell, or a range query. */
import { useLiveQuery, useLiveValues } from '../live/index.ts';
import type { Cells } from './cells.ts';
import type { ResolvedRange } from './range.ts';
import { useRangeAnswer } from './use-range-answer.ts';

export interface CellAnswer extends Cells {
  readonly status: 'loading' | 'ready' | 'error';
  readonly error: string | undefined;
}

const NO_CELLS: Cells = { series: [], timesMs: [], open: false };

/** `range` is on the grid of the cells (`withStep`). */
export function useCells(query: string, range: ResolvedRange): CellAnswer {
  const spec =
    range.kind === 'live'
      ? ({ query, windowMs: range.windowMs, stepMs: range.stepMs, head: 'cell' } as const)
      : undefined;
  const live = useLiveQuery(spec);
  useLiveValues(live);
  const answer = useRangeAnswer(query, range);
  if (live) {
    const { window } = live;
    const open = window.headMs !== undefined && window.headMs > window.toMs;
    const times = [...window.times];
    return {
      status: live.status === 'live' ? 'ready' : live.status,
      error: live.error,
      series: window.series.map(({ labels, values, head }) => ({
        labels,
        values: open ? [...values, head] : values,
      })),
      timesMs: open ? [...times, window.headMs!] : times,
      open,
    };
  }
  if (!answer.data) {
    return { ...NO_CELLS, status: answer.error ? 'error' : 'loading', error: answer.error?.message };
  }
  const { series, times } = answer.data;
  return { status: 'ready', error: undefined, series, timesMs: [...times], open: false };
}
