/** One expression over a range: a live chart while the range is live, otherwise a range query and a chart of history. */
import type { Unit } from '@watchroom/chart-data';
import { useMemo } from 'react';
import type { Exemplar, Labels, RangeAnswer } from '../api/index.ts';
import {
  HistoryChart,
  type HistorySeries,
  LiveChart,
  seriesColour,
  type Threshold,
  useClockEdge,
} from '../charts/index.ts';
import { ErrorState, Loading } from '../components/index.ts';
import { useT } from '../i18n/i18n.tsx';
import { useLiveQuery } from '../live/index.ts';
import styles from './panels.module.css';
import type { ResolvedRange } from './range.ts';
import { useExemplars } from './use-exemplars.ts';
import { useRangeAnswer } from './use-range-answer.ts';

export interface QueryChartProps {
  readonly query: string;
  readonly range: ResolvedRange;
  readonly unit: Unit;
  /** Accessible name. */
  readonly label: string;
  /** Must be stable. */
  readonly nameOf: (labels: Labels) => string;
  /** CSS colour of a name; by order when left out. Must be stable. */
  readonly colourOf?: ((name: string) => string | undefined) | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Must be stable. */
  readonly thresholds?: readonly Threshold[] | undefined;
  readonly area?: boolean | undefined;
  readonly legend?: boolean | undefined;
  /** Must be stable. */
  readonly hidden?: ReadonlySet<string> | undefined;
  readonly onToggle?: ((name: string) => void) | undefined;
  /** Their exemplars are drawn as points. */
  readonly exemplarQuery?: string | undefined;
  /** Most series drawn. */
  readonly most?: number | undefined;
}

export const MOST_SERIES = 12;

export function QueryChart(props: QueryChartProps) {
  return props.range.kind === 'live' ? (
    <Live {...props} range={props.range} />
  ) : (
    <History {...props} range={props.range} />
  );
}

type Of<K extends ResolvedRange['kind']> = Omit<QueryChartProps, 'range'> & {
  readonly range: Extract<ResolvedRange, { kind: K }>;
};

function Live(props: Of<'live'>) {
  return props.exemplarQuery === undefined ? <LiveLines {...props} /> : <LiveWithExemplars {...props} />;
}

function LiveWithExemplars(props: Of<'live'>) {
  const toMs = useClockEdge();
  const { windowMs } = props.range;
  const exemplars = useExemplars(toMs === undefined ? undefined : props.exemplarQuery, {
    fromMs: (toMs ?? windowMs) - windowMs,
    toMs: toMs ?? windowMs,
    live: true,
  });
  return <LiveLines {...props} exemplars={exemplars} />;
}

type LiveLinesProps = Of<'live'> & { readonly exemplars?: readonly Exemplar[] };

function LiveLines({ query: text, range, exemplarQuery: _, ...chart }: LiveLinesProps) {
  const query = useLiveQuery({ query: text, windowMs: range.windowMs, stepMs: range.stepMs, head: 'now' });
  if (query.status === 'error') return <QueryProblem detail={query.error} />;
  return (
    <Box>
      <LiveChart query={query} {...defined(chart)} />
    </Box>
  );
}

function History({ query, range, nameOf, colourOf, most = MOST_SERIES, ...chart }: Of<'fixed'>) {
  const { fromMs, toMs } = range;
  const exemplars = useExemplars(chart.exemplarQuery, { fromMs, toMs, live: false });
  const answer = useRangeAnswer(query, range);
  const series = useMemo(
    () => (answer.data ? historySeries(answer.data, { nameOf, colourOf, most }) : []),
    [answer.data, nameOf, colourOf, most],
  );
  if (answer.error)
    return <QueryProblem detail={answer.error.message} onRetry={() => void answer.refetch()} />;
  if (!answer.data) return <Loading />;
  return (
    <Box stale={answer.isPlaceholderData}>
      <HistoryChart
        times={answer.data.times}
        series={series}
        fromMs={range.fromMs}
        toMs={range.toMs}
        unit={chart.unit}
        label={chart.label}
        min={chart.min}
        max={chart.max}
        thresholds={chart.thresholds}
        legend={chart.legend}
        hidden={chart.hidden}
        onToggle={chart.onToggle}
        exemplars={exemplars}
      />
    </Box>
  );
}

/** What a chart shows while its next answer is on the way is marked. */
function Box({ stale = false, children }: { stale?: boolean; children: React.ReactNode }) {
  return (
    <div className={styles.chart} data-stale={stale || undefined}>
      {children}
    </div>
  );
}

export function QueryProblem({ detail, onRetry }: { detail: string | undefined; onRetry?: () => void }) {
  const t = useT();
  return <ErrorState title={t('chart.problem')} detail={detail} {...(onRetry ? { onRetry } : {})} />;
}

/** Drops absent props: the live chart's own defaults hold. */
function defined<T extends object>(props: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

interface Looks {
  readonly nameOf: (labels: Labels) => string;
  readonly colourOf?: ((name: string) => string | undefined) | undefined;
  readonly most: number;
}

/** By name, at most `most`: those with the highest newest values. Colours follow the order, as in the live chart. */
export function historySeries(answer: RangeAnswer, { nameOf, colourOf, most }: Looks): HistorySeries[] {
  const newest = (values: Float64Array): number => {
    const last = values.findLast((value) => !Number.isNaN(value));
    return last ?? Number.NEGATIVE_INFINITY;
  };
  const kept = [...answer.series].sort((a, b) => newest(b.values) - newest(a.values)).slice(0, most);
  return kept
    .map(({ labels, values }) => ({ name: nameOf(labels), values }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((each, i) => ({ ...each, colour: colourOf?.(each.name) ?? seriesColour(i) }));
}
