/** A chart of a fixed range: plain Recharts, tuned (no animation, no dots, numeric axis, given domain and ticks). */
import { extent, niceDomain, type Unit } from '@watchroom/chart-data';
import { type PointerEvent, useMemo } from 'react';
import { Legend } from '../components/index.ts';
import { useRootSize } from '../design/root-size.ts';
import { useSize } from '../hooks/use-size.ts';
import { useT } from '../i18n/i18n.tsx';
import { ChartFrame, type ChartRow } from './ChartFrame.tsx';
import { crosshair } from './crosshair.ts';
import { ExemplarLayer } from './ExemplarLayer.tsx';
import { plotArea, timeAt } from './frame.ts';
import { HistoryOverlay } from './HistoryOverlay.tsx';
import styles from './LiveChart.module.css';
import type { Threshold } from './LiveStrokes.tsx';
import { seriesColour } from './palette.ts';
import type { ExemplarPoint } from './thin-exemplars.ts';

export interface HistorySeries {
  readonly name: string;
  /** By order when left out. */
  readonly colour?: string | undefined;
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
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Must be stable. */
  readonly thresholds?: readonly Threshold[] | undefined;
  readonly legend?: boolean | undefined;
  /** Names of series that are not drawn; they stay in the legend. */
  readonly hidden?: ReadonlySet<string> | undefined;
  /** Makes the legend's entries toggles; called with a name. */
  readonly onToggle?: ((name: string) => void) | undefined;
  readonly exemplars?: readonly ExemplarPoint[] | undefined;
}

const NO_THRESHOLDS: readonly Threshold[] = [];

export function HistoryChart(props: HistoryChartProps) {
  const { times, series, fromMs, toMs, unit, label, min, max, legend, hidden, onToggle } = props;
  const { thresholds = NO_THRESHOLDS } = props;
  const t = useT();
  const rem = useRootSize();
  const [ref, size] = useSize();
  const named = useMemo(
    () => series.map((each, i) => ({ ...each, colour: each.colour ?? seriesColour(i) })),
    [series],
  );
  const shown = useMemo(() => named.filter(({ name }) => !hidden?.has(name)), [named, hidden]);
  const rows = useMemo(() => rowsOf(times, shown), [times, shown]);
  const yDomain = useMemo(() => {
    const values = shown.map((each) => each.values);
    return niceDomain(extent([...values, thresholds.map(({ value }) => value)]), { min, max });
  }, [shown, thresholds, min, max]);
  const xDomain = useMemo(() => [fromMs, toMs] as const, [fromMs, toMs]);
  const strokes = useMemo(
    () => <HistoryOverlay xDomain={xDomain} yDomain={yDomain} thresholds={thresholds} />,
    [xDomain, yDomain, thresholds],
  );
  const move = (event: PointerEvent<HTMLElement>) => crosshair.set(timeAt(event, xDomain, size.width, rem));
  return (
    <figure className={styles.chart} aria-label={label}>
      <div
        ref={ref}
        className={styles.plot}
        onPointerMove={move}
        onPointerLeave={() => crosshair.set(undefined)}
      >
        {size.width > 0 && size.height > 0 && (
          <ChartFrame
            width={size.width}
            height={size.height}
            rem={rem}
            xDomain={xDomain}
            yDomain={yDomain}
            unit={unit}
            rows={rows}
            series={shown}
            drawRows
            strokes={strokes}
          />
        )}
        {props.exemplars && size.width > 0 && (
          <ExemplarLayer
            exemplars={props.exemplars}
            plot={plotArea(size.width, size.height, rem)}
            xDomain={xDomain}
            yDomain={yDomain}
            unit={unit}
          />
        )}
        {series.length === 0 && <p className={styles.note}>{t('chart.noData')}</p>}
      </div>
      {legend !== false && (
        <Legend
          items={named.map(({ name, colour }) => ({ key: name, label: name, colour }))}
          {...(hidden ? { hidden } : {})}
          {...(onToggle ? { onToggle } : {})}
        />
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
