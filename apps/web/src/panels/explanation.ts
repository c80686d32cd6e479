/** An explanation of a score as a person reads it: the heaviest losses first, and the sum that they make. */

import { formatUnit, NO_VALUE, type Unit, type UnitLocale } from '@watchroom/chart-data';
import type { HealthExplanation, HealthPart } from '@watchroom/contract';

/** By loss, the heaviest first; parts that cost nothing by weight, the heaviest first. */
export function byLoss(parts: readonly HealthPart[]): readonly HealthPart[] {
  return [...parts].sort((a, b) => b.loss - a.loss || (b.weight ?? 0) - (a.weight ?? 0));
}

export interface Step {
  readonly id: string;
  /** Where the bar begins and ends on 0–100, from the right: 100 is the full score. */
  readonly from: number;
  readonly to: number;
}

/** Parts below this take nothing from a number without decimals. */
const VISIBLE = 0.05;

/** The way from 100 down to the score: one step per part that costs something. A gain (a raised clamp) steps back. */
export function waterfall({ parts }: Pick<HealthExplanation, 'parts'>): readonly Step[] {
  let at = 100;
  const steps: Step[] = [];
  for (const part of byLoss(parts)) {
    if (Math.abs(part.loss) < VISIBLE) continue;
    const to = at - part.loss;
    steps.push({ id: part.id, from: at, to });
    at = to;
  }
  return steps;
}

/** Points with one decimal and a true minus. */
export function lossText(loss: number): string {
  if (Math.abs(loss) < VISIBLE) return '0';
  return loss > 0 ? `−${loss.toFixed(1)}` : `+${(-loss).toFixed(1)}`;
}

const UNITS: Readonly<Record<HealthPart['unit'], Unit>> = {
  ratio: 'ratio',
  seconds: 'seconds',
  burn: 'short',
  points: 'short',
  count: 'count',
  none: 'short',
};

/** The signal's value with its unit; a burn rate is a multiple of what the objective allows. */
export function partValue(part: HealthPart, locale: UnitLocale): string {
  if (part.value === null) return NO_VALUE;
  const text = formatUnit(part.value, UNITS[part.unit], locale);
  return part.unit === 'burn' ? `${text}×` : text;
}
