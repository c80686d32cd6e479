/**
 * The chart of Explore: one series or very many, as lines or stacked, with hovering, singling out by the legend, zooming by
 * dragging, exemplars and the crosshair that all charts of the page share. Recharts draws the frame; the strokes lie in
 * an SVG above it, so that a pointer that moves renders neither.
 */
import { formatUnit, type LinearScale, type Unit } from '@watchroom/chart-data';
import type { Outage } from '@watchroom/contract';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { useRootSize } from '../design/root-size.ts';
import { useSize } from '../hooks/use-size.ts';
import { formatDateTime } from '../i18n/format.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { ChartFrame } from './ChartFrame.tsx';
import { ExemplarLayer } from './ExemplarLayer.tsx';
import { type PlotArea, plotArea } from './frame.ts';
import { PlotGround } from './PlotGround.tsx';
import styles from './SeriesChart.module.css';
import { SeriesCrosshair } from './SeriesCrosshair.tsx';
import { SeriesLegend } from './SeriesLegend.tsx';
import { SeriesStrokes } from './SeriesStrokes.tsx';
import { SeriesTooltip } from './SeriesTooltip.tsx';
import { type ChartLine, readingsAt, type StackedLine, stacked, valueDomain } from './series-geometry.ts';
import type { ExemplarPoint } from './thin-exemplars.ts';
import { usePlotPointer } from './use-plot-pointer.ts';

export interface SeriesChartProps {
  /** Ms, ascending. */
  readonly times: ArrayLike<number>;
  /** In the order of the legend; all of them, drawn or not. Must be stable while nothing changed. */
  readonly lines: readonly ChartLine[];
  readonly isDrawn: (name: string) => boolean;
  readonly onIsolate: (name: string) => void;
  readonly onSwitch: (name: string) => void;
  readonly fromMs: number;
  readonly toMs: number;
  readonly unit: Unit;
  /** Accessible name. */
  readonly label: string;
  readonly stack?: boolean;
  readonly outages?: readonly Outage[];
  readonly exemplars?: readonly ExemplarPoint[];
  /** Called with the times that were dragged over. */
  readonly onZoom?: ((fromMs: number, toMs: number) => void) | undefined;
  readonly onZoomOut?: (() => void) | undefined;
  /** A CSS length. */
  readonly height?: string;
}

const NO_OUTAGES: readonly Outage[] = [];
const NO_EXEMPLARS: readonly ExemplarPoint[] = [];
const MOST_READINGS = 14;
/** An exemplar higher than this many times the lines does not stretch the axis. */
const STRETCH = 3;

export function SeriesChart(props: SeriesChartProps) {
  const { times, lines, isDrawn, fromMs, toMs, unit, label, stack = false } = props;
  const { exemplars = NO_EXEMPLARS, outages = NO_OUTAGES, height = '100%' } = props;
  const { t, locale } = useI18n();
  const rem = useRootSize();
  const [ref, size] = useSize();
  const [pointed, setPointed] = useState<string | undefined>();
  const drawn = useMemo(() => lines.filter(({ name }) => isDrawn(name)), [lines, isDrawn]);
  const shapes = useMemo<readonly (ChartLine | StackedLine)[]>(
    () => (stack ? stacked(drawn, times.length) : drawn),
    [drawn, stack, times],
  );
  const columns = useMemo(() => shapes.map(topOf), [shapes]);
  const yDomain = useValueDomain(columns, exemplars, stack);
  const xDomain = useMemo(() => [fromMs, toMs] as const, [fromMs, toMs]);
  const plot = useMemo(() => plotArea(size.width, size.height, rem), [size.width, size.height, rem]);
  const { x, y } = useScales(plot, xDomain, yDomain);
  const pointer = usePlotPointer({ times, columns, x, y, onZoom: props.onZoom });
  const lifted = pointed ?? (pointer.line === undefined ? undefined : shapes[pointer.line]?.name);
  const { readings, left } =
    pointer.at === undefined
      ? { readings: [], left: 0 }
      : readingsAt(drawn, pointer.at, MOST_READINGS, lifted);
  const values = readings.slice(0, 3).map(({ name, value }) => `${name} ${formatUnit(value, unit, locale)}`);
  const spoken =
    pointer.at === undefined
      ? t('chart.keys')
      : `${formatDateTime(times[pointer.at]!)}. ${values.join(', ')}`;
  const items = useMemo(
    () =>
      lines.map(({ name, colour, values }) => ({
        name,
        colour,
        value: formatUnit(lastOf(values), unit, locale),
      })),
    [lines, unit, locale],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    pointer.step(by);
  };
  return (
    <figure className={styles.chart} aria-label={label}>
      <div ref={ref} className={styles.plot} style={{ height }} data-plot>
        {size.width > 0 && size.height > 0 && (
          <>
            <ChartFrame
              width={size.width}
              height={size.height}
              rem={rem}
              xDomain={xDomain}
              yDomain={yDomain}
              unit={unit}
              rows={NO_ROWS}
              series={NO_SERIES}
              focusable={false}
            />
            <svg className={styles.overlay} aria-hidden="true">
              <PlotGround plot={plot} x={x} outages={outages}>
                <SeriesStrokes times={times} lines={shapes} x={x} y={y} outages={outages} lifted={lifted} />
                <SeriesCrosshair plot={plot} x={x} drag={pointer.drag} />
              </PlotGround>
            </svg>
            <button
              type="button"
              className={styles.field}
              aria-label={`${label}. ${spoken}`}
              onKeyDown={onKeyDown}
              onDoubleClick={props.onZoomOut}
              {...pointer.handlers}
            />
            <ExemplarLayer
              exemplars={exemplars}
              plot={plot}
              xDomain={xDomain}
              yDomain={yDomain}
              unit={unit}
            />
            {pointer.at !== undefined && !pointer.drag && (
              <SeriesTooltip
                timeMs={times[pointer.at]!}
                readings={readings}
                left={left}
                lifted={lifted}
                unit={unit}
                x={pointer.xPx}
                width={size.width}
              />
            )}
          </>
        )}
        {lines.length > 0 && drawn.length === 0 && <p className={styles.note}>{t('chart.allHidden')}</p>}
      </div>
      <SeriesLegend
        label={t('chart.legend')}
        items={items}
        isDrawn={isDrawn}
        highlighted={lifted}
        onHighlight={setPointed}
        onIsolate={props.onIsolate}
        onSwitch={props.onSwitch}
        hint={t('chart.legend.hint')}
      />
    </figure>
  );
}

const NO_ROWS: readonly never[] = [];
const NO_SERIES: readonly never[] = [];

function topOf(line: ChartLine | StackedLine): ArrayLike<number> {
  return 'upper' in line ? line.upper : line.values;
}

function lastOf(values: ArrayLike<number>): number {
  for (let i = values.length - 1; i >= 0; i--) if (!Number.isNaN(values[i]!)) return values[i]!;
  return Number.NaN;
}

function useScales(
  plot: PlotArea,
  xDomain: readonly [number, number],
  yDomain: readonly [number, number],
): { readonly x: LinearScale; readonly y: LinearScale } {
  const x = useMemo(() => ({ domain: xDomain, range: [plot.left, plot.right] as const }), [xDomain, plot]);
  const y = useMemo(() => ({ domain: yDomain, range: [plot.bottom, plot.top] as const }), [yDomain, plot]);
  return { x, y };
}

/** The same tuple while its ends stay: the frame is drawn only when they move. */
function useValueDomain(
  columns: readonly ArrayLike<number>[],
  exemplars: readonly ExemplarPoint[],
  stack: boolean,
): readonly [number, number] {
  const [low, high] = useMemo(() => {
    const [least, most] = valueDomain(columns, stack ? [0] : []);
    const reach = exemplars.map(({ value }) => value).filter((value) => value <= most * STRETCH);
    return reach.length === 0 ? [least, most] : valueDomain(columns, [...(stack ? [0] : []), ...reach]);
  }, [columns, exemplars, stack]);
  return useMemo(() => (low === high ? [low, low + 1] : [low, high]), [low, high]);
}
