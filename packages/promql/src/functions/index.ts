/** Functions over ranges, by name. */
import type { RangeFunction } from '../eval/window.ts';
import { overTimeFunctions } from './over-time.ts';
import { rateFunctions } from './rate.ts';

export const rangeFunctions: Readonly<Record<string, RangeFunction>> = {
  ...rateFunctions,
  ...overTimeFunctions,
};
