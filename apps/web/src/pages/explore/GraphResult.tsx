import { useQuery } from '@tanstack/react-query';
import { type Unit, unitOfMetric } from '@watchroom/chart-data';
import { formatDuration } from '@watchroom/model';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { fetchRange, type Labels } from '../../api/index.ts';
import { HistoryChart, LiveChart } from '../../charts/index.ts';
import { EmptyState, ErrorState, Loading, Panel } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useLiveQuery, useLiveValues } from '../../live/index.ts';
import { historySeries } from '../../panels/QueryChart.tsx';
import type { ResolvedRange } from '../../panels/range.ts';
import { toggled } from '../service/service-state.ts';
import styles from './Explore.module.css';
import { seriesName, tellingLabels } from './series-names.ts';
import { faultOf, type QueryFault } from './server-position.ts';

export interface ResultProps<R = ResolvedRange> {
  readonly query: string;
  readonly range: R;
  readonly onFault: (fault: QueryFault | undefined) => void;
}

type Live = Extract<ResolvedRange, { kind: 'live' }>;
type Fixed = Extract<ResolvedRange, { kind: 'fixed' }>;

const MOST = 20;

export function GraphResult({ range, ...rest }: ResultProps) {
  return range.kind === 'live' ? (
    <LiveGraph range={range} {...rest} />
  ) : (
    <FixedGraph range={range} {...rest} />
  );
}

/** Tells the editor where the server found the fault. */
export function useFault(message: string | undefined, onFault: ResultProps['onFault']): void {
  useEffect(() => onFault(faultOf(message)), [message, onFault]);
}

function LiveGraph({ query: text, range, onFault }: ResultProps<Live>) {
  const t = useT();
  const query = useLiveQuery({ query: text, windowMs: range.windowMs, stepMs: range.stepMs, head: 'now' });
  useLiveValues(query);
  useFault(query.error, onFault);
  const [hidden, toggle] = useHidden();
  const labels = query.window.series.map((series) => series.labels);
  const { nameOf, unit } = useNames(labels);
  if (query.status === 'error') return <ErrorState title={t('explore.failed')} detail={query.error} />;
  if (query.status === 'loading') return <Loading />;
  if (labels.length === 0) return <EmptyState title={t('explore.noResult')} />;
  return (
    <Frame stepMs={range.stepMs} count={labels.length} warnings={query.warnings} infos={[]}>
      <LiveChart
        query={query}
        unit={unit}
        label={text}
        nameOf={nameOf}
        most={MOST}
        hidden={hidden}
        onToggle={toggle}
      />
    </Frame>
  );
}

function FixedGraph({ query, range, onFault }: ResultProps<Fixed>) {
  const t = useT();
  const { fromMs, toMs, stepMs } = range;
  const answer = useQuery({
    queryKey: ['explore', 'range', query, fromMs, toMs, stepMs],
    queryFn: ({ signal }) => fetchRange({ query, fromMs, toMs, stepMs }, signal),
    placeholderData: (before, former) => (former?.queryKey[2] === query ? before : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  useFault(answer.error?.message, onFault);
  const [hidden, toggle] = useHidden();
  const labels = useMemo(() => (answer.data?.series ?? []).map((series) => series.labels), [answer.data]);
  const { nameOf, unit } = useNames(labels);
  const series = useMemo(
    () => (answer.data ? historySeries(answer.data, { nameOf, most: MOST }) : []),
    [answer.data, nameOf],
  );
  if (answer.error) {
    return (
      <ErrorState
        title={t('explore.failed')}
        detail={answer.error.message}
        onRetry={() => void answer.refetch()}
      />
    );
  }
  if (!answer.data) return <Loading />;
  if (series.length === 0) return <EmptyState title={t('explore.noResult')} />;
  const { warnings, infos, tookMs } = answer.data;
  return (
    <Frame stepMs={stepMs} count={labels.length} warnings={warnings} infos={infos} tookMs={tookMs}>
      <HistoryChart
        times={answer.data.times}
        series={series}
        fromMs={fromMs}
        toMs={toMs}
        unit={unit}
        label={query}
        hidden={hidden}
        onToggle={toggle}
      />
    </Frame>
  );
}

/** Series that the person took out of the drawing. */
function useHidden(): readonly [ReadonlySet<string>, (name: string) => void] {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((name: string) => setHidden((before) => toggled(before, name)), []);
  return [hidden, toggle];
}

/** Names by the labels that differ; the unit that the one metric's name promises. */
function useNames(labels: readonly Labels[]): { nameOf: (labels: Labels) => string; unit: Unit } {
  const key = tellingLabels(labels).join('\n');
  const metrics = new Set(labels.map((each) => each['__name__'] ?? ''));
  const metric = metrics.size === 1 ? [...metrics][0]! : '';
  return useMemo(() => {
    const names = key === '' ? [] : key.split('\n');
    return { nameOf: (each: Labels) => seriesName(each, names), unit: unitOfMetric(metric) };
  }, [key, metric]);
}

function Frame({
  stepMs,
  count,
  tookMs,
  warnings,
  infos,
  children,
}: {
  stepMs: number;
  count: number;
  tookMs?: number;
  warnings: readonly string[];
  infos: readonly string[];
  children: ReactNode;
}) {
  const t = useT();
  return (
    <>
      <Notes warnings={warnings} infos={infos} />
      <Panel
        title={
          count > MOST
            ? t('explore.seriesShown', { n: count, shown: MOST })
            : t('explore.series', { n: count })
        }
        actions={
          <span className={styles.quiet}>
            {t('explore.step', { step: formatDuration(stepMs) })}
            {tookMs !== undefined && ` · ${t('explore.took', { ms: Math.round(tookMs) })}`}
          </span>
        }
      >
        <div className={styles.graph}>{children}</div>
      </Panel>
    </>
  );
}

/** What the query engine wants to have said: warnings, then infos. */
export function Notes({ warnings, infos }: { warnings: readonly string[]; infos: readonly string[] }) {
  if (warnings.length + infos.length === 0) return null;
  return (
    <ul className={styles.notes}>
      {warnings.map((text) => (
        <li key={text} data-kind="warning">
          {text}
        </li>
      ))}
      {infos.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}
