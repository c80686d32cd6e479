/** The values of an expression at the end of a range: a live query's head, or an instant query for a fixed range. */
import { useMemo } from 'react';
import type { Labels } from '../api/index.ts';
import { useLiveQuery, useLiveValues } from '../live/index.ts';
import { endMs, type ResolvedRange } from './range.ts';
import { useInstantAnswer } from './use-range-answer.ts';

export interface VectorSample {
  readonly labels: Labels;
  readonly value: number;
}

export interface Vector {
  readonly status: 'loading' | 'ready' | 'error';
  readonly error: string | undefined;
  readonly samples: readonly VectorSample[];
}

export function useVector(query: string, range: ResolvedRange): Vector {
  const live = useLiveQuery(
    range.kind === 'live' ? { query, windowMs: 0, stepMs: 1000, head: 'now' } : undefined,
  );
  const heads = useLiveValues(live);
  const answer = useInstantAnswer(query, endMs(range));
  const { status: liveStatus, error: liveError } = live ?? { status: undefined, error: undefined };
  return useMemo<Vector>(() => {
    if (liveStatus !== undefined) {
      const status = liveStatus === 'live' ? 'ready' : liveStatus;
      return { status, error: liveError, samples: heads.values };
    }
    if (answer.data) return { status: 'ready', error: undefined, samples: answer.data.samples };
    return {
      status: answer.error ? 'error' : 'loading',
      error: answer.error?.message,
      samples: [],
    };
  }, [liveStatus, liveError, heads, answer.data, answer.error]);
}
