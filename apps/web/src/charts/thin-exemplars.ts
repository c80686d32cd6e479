/** Exemplars of a chart: the ones inside its time, not more than can be told apart. */
export interface ExemplarPoint {
  /** Of the observation: `trace_id` and the like. */
  readonly labels: Readonly<Record<string, string>>;
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timeMs: number;
}

const MOST_IN_CELL = 2;

/** Tells one observation from another, in whichever answer it came. */
export const keyOf = ({ timeMs, value, labels, seriesLabels }: ExemplarPoint): string =>
  `${timeMs} ${value} ${JSON.stringify([labels, seriesLabels])}`;

/**
 * Of each of `cells` parts of the time the highest two stay: they are the ones that people look for. `inUse` stay as well for as
 * long as they are inside: someone reads one, or has the focus on it.
 */
export function thinned(
  exemplars: readonly ExemplarPoint[],
  [fromMs, toMs]: readonly [number, number],
  cells: number,
  inUse: readonly ExemplarPoint[] = [],
): readonly ExemplarPoint[] {
  const found = new Map<number, ExemplarPoint[]>();
  for (const exemplar of exemplars) {
    if (exemplar.timeMs < fromMs || exemplar.timeMs > toMs || !Number.isFinite(exemplar.value)) continue;
    const cell = Math.floor(((exemplar.timeMs - fromMs) / (toMs - fromMs)) * cells);
    const inside = found.get(cell);
    if (inside) inside.push(exemplar);
    else found.set(cell, [exemplar]);
  }
  const kept = [...found.values()].flatMap((inside) =>
    inside.length <= MOST_IN_CELL
      ? inside
      : inside.toSorted((a, b) => b.value - a.value).slice(0, MOST_IN_CELL),
  );
  const keys = new Set(kept.map(keyOf));
  for (const point of inUse) {
    if (point.timeMs < fromMs || point.timeMs > toMs || keys.has(keyOf(point))) continue;
    keys.add(keyOf(point));
    kept.push(point);
  }
  return kept.sort((a, b) => a.timeMs - b.timeMs);
}
