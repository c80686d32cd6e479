import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchInstant, type InstantSample } from '../../api/index.ts';
import {
  type Column,
  EmptyState,
  ErrorState,
  Loading,
  Panel,
  type Sort,
  Table,
} from '../../components/index.ts';
import { formatDateTime } from '../../i18n/format.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useConnection } from '../../live/index.ts';
import { endMs } from '../../panels/range.ts';
import styles from './Explore.module.css';
import { Notes, type ResultProps, useFault } from './GraphResult.tsx';
import { labelColumns, sortSamples } from './table-rows.ts';

const EVERY_MS = 2000;
const MOST_ROWS = 500;

/** The values at the end of the range; while that is now, asked again every two seconds. */
export function TableResult({ query, range, onFault }: ResultProps) {
  const t = useT();
  const { state } = useConnection();
  const [sort, setSort] = useState<Sort | undefined>();
  const timeMs = endMs(range);
  const answer = useQuery({
    queryKey: ['explore', 'instant', query, timeMs],
    queryFn: ({ signal }) => fetchInstant({ query, timeMs }, signal),
    placeholderData: (before, former) => (former?.queryKey[2] === query ? before : undefined),
    refetchInterval: timeMs === undefined && state === 'live' ? EVERY_MS : false,
    staleTime: timeMs === undefined ? 0 : Number.POSITIVE_INFINITY,
    retry: false,
  });
  useFault(answer.error?.message, onFault);
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
  const { samples, warnings, infos, tookMs } = answer.data;
  const rows = sortSamples(samples, sort);
  const newest = samples.reduce((latest, sample) => Math.max(latest, sample.timeMs), 0);
  const shown = rows.slice(0, MOST_ROWS);
  return (
    <>
      <Notes warnings={warnings} infos={infos} />
      <Panel
        flush
        title={t('explore.series', { n: samples.length })}
        actions={
          <span className={styles.quiet}>
            {newest > 0 && `${formatDateTime(newest)} · `}
            {t('explore.took', { ms: Math.round(tookMs) })}
          </span>
        }
      >
        <Table
          caption={t('explore.table')}
          columns={columnsOf(samples, t('explore.metric'), t('explore.value'))}
          rows={shown}
          rowKey={({ labels }) => JSON.stringify(labels)}
          {...(sort ? { sort } : {})}
          onSort={setSort}
          empty={<EmptyState title={t('explore.noResult')} />}
        />
      </Panel>
      {rows.length > shown.length && (
        <p className={styles.quiet}>{t('explore.rows', { shown: shown.length, n: rows.length })}</p>
      )}
    </>
  );
}

function columnsOf(
  samples: readonly InstantSample[],
  metric: string,
  value: string,
): Column<InstantSample>[] {
  return [
    ...labelColumns(samples).map((name) => ({
      key: `label:${name}`,
      title: name === '__name__' ? metric : name,
      sortable: true,
      cell: ({ labels }: InstantSample) => labels[name] ?? '',
    })),
    { key: 'value', title: value, sortable: true, numeric: true, cell: ({ text }) => <code>{text}</code> },
  ];
}
