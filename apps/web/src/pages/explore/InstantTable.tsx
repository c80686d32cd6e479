import { useState } from 'react';
import type { InstantSample } from '../../api/index.ts';
import { type Column, EmptyState, Loading, type Sort, Table } from '../../components/index.ts';
import { formatDateTime } from '../../i18n/format.ts';
import { useT } from '../../i18n/i18n.tsx';
import styles from './Explore.module.css';
import { ExportMenu } from './ExportMenu.tsx';
import { instantCsv, instantJson } from './export.ts';
import type { ResultProps } from './QueryResult.tsx';
import { QueryFailed, ResultPanel, useFault } from './ResultPanel.tsx';
import { labelColumns, sortSamples } from './table-rows.ts';
import { useInstantResult } from './use-instant-result.ts';

export const MOST_ROWS = 500;

/** The values at the end of the range, a column for each label. */
export function InstantTable(props: ResultProps) {
  const { query, letter, range } = props;
  const t = useT();
  const [sort, setSort] = useState<Sort | undefined>();
  const answer = useInstantResult(query, range);
  useFault(answer.error?.message, props);
  if (!answer.data || answer.error) {
    return (
      <ResultPanel letter={letter} query={query}>
        {answer.error ? (
          <QueryFailed query={query} message={answer.error.message} onRetry={() => void answer.refetch()} />
        ) : (
          <Loading />
        )}
      </ResultPanel>
    );
  }
  const { samples, warnings, infos, tookMs, samplesRead } = answer.data;
  const rows = sortSamples(samples, sort);
  const newest = samples.reduce((latest, sample) => Math.max(latest, sample.timeMs), 0);
  const shown = rows.slice(0, MOST_ROWS);
  return (
    <ResultPanel
      flush
      letter={letter}
      query={query}
      figures={{ series: samples.length, samples: samplesRead, tookMs }}
      note={newest > 0 && <span className={styles.figures}>· {formatDateTime(newest)}</span>}
      warnings={warnings}
      infos={infos}
      actions={
        <ExportMenu
          letter={letter}
          csv={() => instantCsv(samples)}
          json={() => instantJson(query, samples)}
        />
      }
    >
      <Table
        caption={t('explore.table')}
        columns={columnsOf(samples, t('explore.metric'), t('explore.value'))}
        rows={shown}
        rowKey={({ labels }) => JSON.stringify(labels)}
        {...(sort ? { sort } : {})}
        onSort={setSort}
        empty={<EmptyState title={t('explore.noResult')}>{t('explore.noResult.hint')}</EmptyState>}
      />
      {rows.length > shown.length && (
        <p className={styles.more}>{t('explore.rows', { shown: shown.length, n: rows.length })}</p>
      )}
    </ResultPanel>
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
