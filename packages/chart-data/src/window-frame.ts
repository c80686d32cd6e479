/** What a window takes in: the shape of contract's QueryFrame without its addressing. */
import { STALE } from '@watchroom/model';

/** JSON has no NaN or infinities; null is no sample. */
export type WireNumber = number | 'NaN' | '+Inf' | '-Inf' | null;

export interface WindowBlock {
  readonly times: readonly number[];
  readonly keys: readonly number[];
  /** `values[i]` belongs to series `keys[i]`, one value per time. */
  readonly values: readonly (readonly WireNumber[])[];
}

export interface WindowHead {
  readonly timeMs: number;
  readonly keys: readonly number[];
  readonly values: readonly WireNumber[];
}

export interface WindowFrame {
  readonly kind: 'snapshot' | 'fill' | 'delta';
  readonly fromMs: number;
  readonly toMs: number;
  readonly series: readonly { readonly key: number; readonly labels: Readonly<Record<string, string>> }[];
  readonly removed?: readonly number[] | undefined;
  readonly block: WindowBlock | undefined;
  readonly head: WindowHead | undefined;
  readonly fedAtMs: number | undefined;
}

/** The number for a wire value; STALE when there is none. */
export function fromWire(value: WireNumber | undefined): number {
  if (typeof value === 'number') return value;
  switch (value) {
    case 'NaN':
      return Number.NaN;
    case '+Inf':
      return Number.POSITIVE_INFINITY;
    case '-Inf':
      return Number.NEGATIVE_INFINITY;
    default:
      return STALE;
  }
}
