/** The one live chart: Recharts' frame without rows, strokes written per animation frame, legend with the newest values. */
import { formatUnit, isNone, type Unit, type WindowSeries } from '@watchroom/chart-data';
import { type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Legend } from '../components/index.ts';
import { useRootSize } from '../design/root-size.ts';
import { useSize } from '../hooks/use-size.ts';
import { useStable } from '../hooks/use-stable.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { type LiveQuery, useConnection, useLiveValues } from '../live/index.ts';
import { ChartFrame, type ChartRow, type ChartSeries } from './ChartFrame.tsx';
import { crosshair } from './crosshair.ts';
import { ExemplarLayer } from './ExemplarLayer.tsx';
import { plotArea, timeAt } from './frame.ts';
import styles from './LiveChart.module.css';
import { LiveStrokes, type Threshold } from './LiveStrokes.tsx';
import { seriesColour } from './palette.ts';
import type { ExemplarPoint } from './thin-exemplars.ts';
import { useClockEdge } from './use-clock-edge.ts';
import { useLiveDomain } from './use-live-domain.ts';

export interface LiveChartProps {
  readonly query: LiveQuery;
  readonly unit: Unit;
  /** Accessible name. */
  readonly label: string;
  /** As a rule from the labels; must be stable (module level or useCallback). */
  readonly nameOf: (labels: Readonly<Record<string, string>>) => string;
  /** CSS colour; by order when left out. Must be stable. */
  readonly colourOf?: (name: string) => string | undefined;
  readonly min?: number;
  readonly max?: number;
  /** Must be stable. */
  readonly thresholds?: readonly Threshold[];
  readonly area?: boolean;
  readonly legend?: boolean;
  /** Most series drawn; those with the highest newest values stay. */
  readonly most?: number;
  /** Names of series that are not drawn; they stay in the legend. Must be stable. */
  readonly hidden?: ReadonlySet<string> | undefined;
  /** Makes the legend's entries toggles; called with a name. */
  readonly onToggle?: ((name: string) => void) | undefined;
  readonly exemplars?: readonly ExemplarPoint[] | undefined;
}

const NO_ROWS: readonly ChartRow[] = [];
const NO_THRESHOLDS: readonly Threshold[] = [];
const NONE_HIDDEN: ReadonlySet<string> = new Set();

export function LiveChart(props: LiveChartProps) {
  const { query, unit, label, nameOf, colourOf, min, max, thresholds = NO_THRESHOLDS, most = 12 } = props;
  const { hidden = NONE_HIDDEN } = props;
  const { t, locale } = useI18n();
  const rem = useRootSize();
  const [ref, size] = useSize();
  const edgeMs = useClockEdge();
  const { outages } = useConnection();
  const { values } = useLiveValues(query);
  const include = useMemo(() => thresholds.map((threshold) => threshold.value), [thresholds]);
  const [yDomain, widen] = useLiveDomain({ min, max, include });
  const pick = useCallback(
    (series: readonly WindowSeries[]) =>
      pickSeries(series, most, nameOf).filter(({ labels }) => !hidden.has(nameOf(labels))),
    [most, nameOf, hidden],
  );
  const paint = useCallback(
    (labels: Readonly<Record<string, string>>, index: number) =>
      colourOf?.(nameOf(labels)) ?? seriesColour(index),
    [colourOf, nameOf],
  );
  const { hot, rows, handlers } = useHotRows(query, pick);
  const all = useStable<readonly ChartSeries[]>(
    pickSeries(query.window.series, most, nameOf).map((each, i) => ({
      name: nameOf(each.labels),
      colour: paint(each.labels, i),
    })),
    sameSeries,
  );
  const series = useMemo(() => all.filter(({ name }) => !hidden.has(name)), [all, hidden]);
  const colours = useMemo(() => new Map(all.map(({ name, colour }) => [name, colour])), [all]);
  const xDomain = useMemo(
    () => (edgeMs === undefined ? undefined : ([edgeMs - query.window.windowMs, edgeMs] as const)),
    [edgeMs, query],
  );
  const strokes = useMemo(
    () =>
      xDomain && (
        <LiveStrokes
          query={query}
          xDomain={xDomain}
          yDomain={yDomain}
          outages={outages}
          thresholds={thresholds}
          area={props.area === true}
          pick={pick}
          colourOf={(each, i) => colours.get(nameOf(each.labels)) ?? paint(each.labels, i)}
          onDraw={() => widen(pick(query.window.series))}
        />
      ),
    [query, xDomain, yDomain, outages, thresholds, props.area, pick, paint, colours, nameOf, widen],
  );
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (xDomain) crosshair.set(timeAt(event, xDomain, size.width, rem));
  };
  const empty = query.status === 'live' && all.length === 0;
  return (
    <figure className={styles.chart} aria-label={label}>
      <div ref={ref} className={styles.plot} {...handlers} onPointerMove={onPointerMove}>
        {xDomain && size.width > 0 && size.height > 0 && (
          <ChartFrame
            width={size.width}
            height={size.height}
            rem={rem}
            xDomain={xDomain}
            yDomain={yDomain[0] === yDomain[1] ? [0, 1] : yDomain}
            unit={unit}
            rows={hot ? rows : NO_ROWS}
            series={series}
            strokes={strokes}
          />
        )}
        {xDomain && props.exemplars && (
          <ExemplarLayer
            exemplars={props.exemplars}
            plot={plotArea(size.width, size.height, rem)}
            xDomain={xDomain}
            yDomain={yDomain}
            unit={unit}
          />
        )}
        {query.status === 'loading' && <p className={styles.note}>{t('app.loading')}</p>}
        {empty && <p className={styles.note}>{t('chart.noData')}</p>}
        {query.status === 'error' && (
          <p className={styles.note} title={query.error}>
            {t('chart.problem')}
          </p>
        )}
      </div>
      {props.legend !== false && (
        <Legend
          hidden={hidden}
          {...(props.onToggle ? { onToggle: props.onToggle } : {})}
          items={all.map(({ name, colour }) => ({
            key: name,
            label: name,
            colour,
            value: valueText(values, name, nameOf, (value) => formatUnit(value, unit, locale)),
          }))}
        />
      )}
    </figure>
  );
}

function sameSeries(one: readonly ChartSeries[], other: readonly ChartSeries[]): boolean {
  return (
    one.length === other.length &&
    one.every((each, i) => each.name === other[i]?.name && each.colour === other[i]?.colour)
  );
}

/** At most `most` series, those with the highest newest values, in the order of their names. */
function pickSeries(
  series: readonly WindowSeries[],
  most: number,
  nameOf: (labels: Readonly<Record<string, string>>) => string,
): readonly WindowSeries[] {
  const newest = (each: WindowSeries): number => (isNone(each.head) ? -1 : each.head);
  const kept =
    series.length <= most ? [...series] : [...series].sort((a, b) => newest(b) - newest(a)).slice(0, most);
  return kept.sort((a, b) => (nameOf(a.labels) < nameOf(b.labels) ? -1 : 1));
}

function valueText(
  values: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[],
  name: string,
  nameOf: (labels: Readonly<Record<string, string>>) => string,
  format: (value: number) => string,
): string | undefined {
  const found = values.find((value) => nameOf(value.labels) === name);
  return found && format(found.value);
}

/** Rows for Recharts' tooltip, kept up only while the pointer or the focus is on the chart. */
function useHotRows(query: LiveQuery, pick: (series: readonly WindowSeries[]) => readonly WindowSeries[]) {
  const [hot, setHot] = useState(false);
  const [rows, setRows] = useState<readonly ChartRow[]>(NO_ROWS);
  const latest = useRef(pick);
  latest.current = pick;
  useEffect(() => {
    if (!hot) return undefined;
    const update = () => setRows(rowsOf(query, latest.current(query.window.series)));
    update();
    return query.subscribe(update);
  }, [hot, query]);
  const handlers = {
    onPointerEnter: () => setHot(true),
    onPointerLeave: () => {
      setHot(false);
      crosshair.set(undefined);
    },
    onFocus: () => setHot(true),
    onBlur: () => setHot(false),
  };
  return { hot, rows, handlers };
}

function rowsOf({ window }: LiveQuery, series: readonly WindowSeries[]): readonly ChartRow[] {
  const value = (x: number | undefined): number | null => (x === undefined || !Number.isFinite(x) ? null : x);
  return Array.from(window.times, (t, at) => {
    const row: Record<string, number | null> = { t };
    series.forEach((each, i) => {
      row[`s${i}`] = value(each.values[at]);
    });
    return row;
  });
}
