/** Exemplars of a chart: the ones inside its time, not more than can be told apart. */
export interface ExemplarPoint {
  /** Of the observation: `trace_id` and the like. */
  readonly labels: Readonly<Record<string, string>>;
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timeMs: number;
}

const CELLS = 60;
const MOST_IN_CELL = 3;

/** Of each sixtieth of the time the highest few stay: they are the ones that people look for. */
export function thinned(
  exemplars: readonly ExemplarPoint[],
  [fromMs, toMs]: readonly [number, number],
): readonly ExemplarPoint[] {
  const cells = new Map<number, ExemplarPoint[]>();
  for (const exemplar of exemplars) {
    if (exemplar.timeMs < fromMs || exemplar.timeMs > toMs || !Number.isFinite(exemplar.value)) continue;
    const cell = Math.floor(((exemplar.timeMs - fromMs) / (toMs - fromMs)) * CELLS);
    const inside = cells.get(cell);
    if (inside) inside.push(exemplar);
    else cells.set(cell, [exemplar]);
  }
  const kept = [...cells.values()].flatMap((inside) =>
    inside.length <= MOST_IN_CELL
      ? inside
      : inside.toSorted((a, b) => b.value - a.value).slice(0, MOST_IN_CELL),
  );
  return kept.sort((a, b) => a.timeMs - b.timeMs);
}
