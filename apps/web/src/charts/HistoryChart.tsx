/** A chart of a fixed range: plain Recharts, tuned (no animation, no dots, numeric axis, given domain and ticks). */
import { extent, niceDomain, type Unit } from '@watchroom/chart-data';
import { type PointerEvent, useMemo } from 'react';
import { Legend } from '../components/index.ts';
import { useRootSize } from '../design/root-size.ts';
import { useSize } from '../hooks/use-size.ts';
import { useT } from '../i18n/i18n.tsx';
import { ChartFrame, type ChartRow } from './ChartFrame.tsx';
import { crosshair } from './crosshair.ts';
import styles from './LiveChart.module.css';
import { seriesColour } from './palette.ts';

export interface HistorySeries {
  readonly name: string;
  /** By order when left out. */
  readonly colour?: string;
  /** One value per time; NaN for none. */
  readonly values: ArrayLike<number>;
}

export interface HistoryChartProps {
  /** Ms, ascending. */
  readonly times: ArrayLike<number>;
  readonly series: readonly HistorySeries[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly unit: Unit;
  readonly label: string;
  readonly min?: number;
  readonly max?: number;
  readonly legend?: boolean;
}

export function HistoryChart({
  times,
  series,
  fromMs,
  toMs,
  unit,
  label,
  min,
  max,
  legend,
}: HistoryChartProps) {
  const t = useT();
  const rem = useRootSize();
  const [ref, size] = useSize();
  const named = useMemo(
    () => series.map(({ name, colour }, i) => ({ name, colour: colour ?? seriesColour(i) })),
    [series],
  );
  const rows = useMemo(() => rowsOf(times, series), [times, series]);
  const yDomain = useMemo(
    () => niceDomain(extent(series.map((each) => each.values)), { min, max }),
    [series, min, max],
  );
  const xDomain = useMemo(() => [fromMs, toMs] as const, [fromMs, toMs]);
  const clear = (event: PointerEvent) => {
    if (event.type === 'pointerleave') crosshair.set(undefined);
  };
  return (
    <figure className={styles.chart} aria-label={label}>
      <div ref={ref} className={styles.plot} onPointerLeave={clear}>
        {size.width > 0 && size.height > 0 && (
          <ChartFrame
            width={size.width}
            height={size.height}
            rem={rem}
            xDomain={xDomain}
            yDomain={yDomain}
            unit={unit}
            rows={rows}
            series={named}
            drawRows
          />
        )}
        {series.length === 0 && <p className={styles.note}>{t('chart.noData')}</p>}
      </div>
      {legend !== false && (
        <Legend items={named.map(({ name, colour }) => ({ key: name, label: name, colour }))} />
      )}
    </figure>
  );
}

function rowsOf(times: ArrayLike<number>, series: readonly HistorySeries[]): readonly ChartRow[] {
  return Array.from(times, (timeMs, at) => {
    const row: Record<string, number | null> = { t: timeMs };
    series.forEach(({ values }, i) => {
      const value = values[at];
      row[`s${i}`] = value === undefined || !Number.isFinite(value) ? null : value;
    });
    return row;
  });
}
