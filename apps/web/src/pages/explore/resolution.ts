/** The step of a range: by itself, denser, coarser, or as written; never more points than the API gives. */
import { MAX_POINTS, stepFor } from '@watchroom/contract';
import { lengthMs, type ResolvedRange, withStep } from '../../panels/range.ts';
import type { Step } from './explore-state.ts';

const FINE_POINTS = 1600;
const COARSE_POINTS = 120;

export function withResolution(range: ResolvedRange, step: Step): ResolvedRange {
  if (step === 'auto') return range;
  const length = lengthMs(range);
  if (step === 'fine') return withStep(range, stepFor(length, FINE_POINTS));
  if (step === 'coarse') return withStep(range, stepFor(length, COARSE_POINTS));
  // One point of room: the ends of a range are moved onto its grid.
  const least = length / (MAX_POINTS - 2);
  return withStep(range, step >= least ? step : stepFor(length, MAX_POINTS - 2));
}
