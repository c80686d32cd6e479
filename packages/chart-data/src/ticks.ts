/** Round numbers for axes. Steps are 1, 2, 2.5 or 5 times a power of ten (of 1,024 for bytes). */
export interface NiceTicks {
  readonly ticks: readonly number[];
  readonly step: number;
}

const MULTIPLES = [1, 2, 2.5, 5, 10] as const;
const BINARY_MULTIPLES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const;

/** At most `most` ticks inside [low, high]; none when the bounds are not finite. */
export function niceTicks(
  low: number,
  high: number,
  most: number,
  base: 'decimal' | 'binary' = 'decimal',
): NiceTicks {
  if (!Number.isFinite(low) || !Number.isFinite(high) || most < 1) return { ticks: [], step: 0 };
  if (low === high) return { ticks: [low], step: 0 };
  if (low > high) return niceTicks(high, low, most, base);
  const step = stepAbove((high - low) / most, base);
  const ticks: number[] = [];
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  for (let i = first; i <= last; i++) ticks.push(exact(i * step));
  return { ticks, step };
}

/** The smallest round step that is not below `wanted`. */
function stepAbove(wanted: number, base: 'decimal' | 'binary'): number {
  if (base === 'binary' && wanted >= 1) {
    const power = 1024 ** Math.floor(Math.log2(wanted) / 10 + 1e-9);
    return power * (BINARY_MULTIPLES.find((multiple) => multiple * power >= wanted * (1 - 1e-9)) ?? 1024);
  }
  const power = 10 ** Math.floor(Math.log10(wanted));
  return exact(power * (MULTIPLES.find((multiple) => multiple * power >= wanted * (1 - 1e-9)) ?? 10));
}

/** Drops the last bits that multiplication adds: 0.30000000000000004 → 0.3; −0 → 0. */
function exact(value: number): number {
  return Number(value.toPrecision(12)) + 0;
}

export interface DomainOptions {
  /** Ticks the axis will have at most. */
  readonly ticks?: number;
  /** Fixed ends. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Whether 0 belongs to the domain whatever the values (rates, sizes, durations). */
  readonly includeZero?: boolean;
  readonly base?: 'decimal' | 'binary';
}

/** Lowest and highest finite value of some columns; undefined when there is none. */
export function extent(columns: Iterable<ArrayLike<number>>): readonly [number, number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      const value = column[i]!;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low > high ? undefined : [low, high];
}

/** Round ends around an extent. Without values: [0, 1]. A flat line gets room on both sides. */
export function niceDomain(
  values: readonly [number, number] | undefined,
  { ticks = 5, min, max, includeZero = true, base = 'decimal' }: DomainOptions = {},
): readonly [number, number] {
  let [low, high] = values ?? [0, 1];
  if (includeZero) {
    low = Math.min(0, low);
    high = Math.max(0, high);
  }
  low = min ?? low;
  high = max ?? high;
  if (low >= high) {
    const room = low === 0 ? 1 : Math.abs(low) / 2;
    if (max === undefined) high = low + room;
    if (min === undefined && low !== 0) low -= room;
    if (low >= high) low = high - 1;
  }
  const step = stepAbove((high - low) / ticks, base);
  return [
    min ?? exact(Math.floor(low / step + 1e-9) * step),
    max ?? exact(Math.ceil(high / step - 1e-9) * step),
  ];
}
