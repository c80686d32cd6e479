/**
 * Recharts as the frame of a chart: axes, grid and tooltip. A live chart gives it no rows; its strokes are drawn by the
 * child (`strokes`). Rows come only while the pointer or the focus is on the chart, for the tooltip; the lines of those
 * rows stay hidden. Domain, ticks and sizes are given as numbers: Recharts measures nothing.
 */
import { formatTimeTick, type Unit } from '@watchroom/chart-data';
import { memo, type ReactNode, useMemo } from 'react';
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from 'recharts';
import { LOCALE_TAGS, useI18n } from '../i18n/i18n.tsx';
import { ChartTooltip } from './ChartTooltip.tsx';
import { frameMetrics, TIME_ZONE, tickText, xTicks, yTicks } from './frame.ts';

/** `t` in ms, `s0`, `s1`, … in the order of `names`; null for none. */
export type ChartRow = Readonly<Record<string, number | null>>;

export interface ChartSeries {
  readonly name: string;
  readonly colour: string;
}

export interface ChartFrameProps {
  readonly width: number;
  readonly height: number;
  readonly rem: number;
  readonly xDomain: readonly [number, number];
  readonly yDomain: readonly [number, number];
  readonly unit: Unit;
  readonly rows: readonly ChartRow[];
  readonly series: readonly ChartSeries[];
  /** Draw the lines of the rows: history. Otherwise they only feed the tooltip. */
  readonly drawRows?: boolean;
  readonly strokes?: ReactNode;
  /** A stop for Tab with Recharts' own keys; false when what lies above is one. */
  readonly focusable?: boolean;
}

const TICK_REM = 0.6875;

export const ChartFrame = memo(function ChartFrame(props: ChartFrameProps) {
  const { width, height, rem, xDomain, yDomain, unit, rows, series, drawRows = false, strokes } = props;
  const { focusable = true } = props;
  const { locale } = useI18n();
  const [fromMs, toMs] = xDomain;
  const [low, high] = yDomain;
  const metrics = useMemo(() => frameMetrics(rem), [rem]);
  const x = useMemo(() => xTicks([fromMs, toMs], width, rem), [fromMs, toMs, width, rem]);
  const y = useMemo(() => yTicks([low, high], height, rem, unit), [low, high, height, rem, unit]);
  const tick = useMemo(() => ({ fontSize: TICK_REM * rem, fill: 'var(--text-3)' }), [rem]);
  const data = useMemo(() => [...rows], [rows]);
  const lines = useMemo(
    () =>
      series.map(({ name, colour }, i) => (
        <Line
          key={name}
          name={name}
          dataKey={`s${i}`}
          stroke={colour}
          strokeWidth={1.5}
          type="linear"
          hide={!drawRows}
          dot={false}
          activeDot={false}
          isAnimationActive={false}
        />
      )),
    [series, drawRows],
  );
  return (
    <LineChart
      width={width}
      height={height}
      data={data}
      margin={metrics.margin}
      accessibilityLayer={focusable}
    >
      <CartesianGrid stroke="var(--grid-line)" vertical={false} />
      <XAxis
        dataKey="t"
        type="number"
        domain={[fromMs, toMs]}
        ticks={x.ticks}
        interval={0}
        tickFormatter={(timeMs: number) => formatTimeTick(timeMs, x.stepMs, TIME_ZONE, LOCALE_TAGS[locale])}
        tick={tick}
        height={metrics.xHeight}
        axisLine={{ stroke: 'var(--border)' }}
        tickLine={false}
        allowDataOverflow
        niceTicks="none"
      />
      <YAxis
        type="number"
        domain={[low, high]}
        ticks={y}
        interval={0}
        tick={tick}
        width={metrics.yWidth}
        tickFormatter={(value: number) => tickText(value, unit)}
        axisLine={false}
        tickLine={false}
        allowDataOverflow
        niceTicks="none"
      />
      {lines}
      {data.length > 0 && (
        <Tooltip
          includeHidden
          isAnimationActive={false}
          cursor={false}
          content={<ChartTooltip unit={unit} series={series} />}
        />
      )}
      {strokes}
    </LineChart>
  );
});
