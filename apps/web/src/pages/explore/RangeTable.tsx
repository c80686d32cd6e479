import { formatUnit } from '@watchroom/chart-data';
import { useMemo, useState } from 'react';
import { type Column, EmptyState, Loading, type Sort, Table } from '../../components/index.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { namesOf } from './chart-lines.ts';
import styles from './Explore.module.css';
import { ExportMenu } from './ExportMenu.tsx';
import { fullName, rangeCsv, rangeJson } from './export.ts';
import { MOST_ROWS } from './InstantTable.tsx';
import type { ResultProps } from './QueryResult.tsx';
import { QueryFailed, ResultPanel, rangeFigures, useFault } from './ResultPanel.tsx';
import { type SeriesSummary, summaryOf } from './summary.ts';
import { unitOfQuery } from './unit-of-query.ts';
import { useRangeResult } from './use-range-result.ts';

interface Row extends SeriesSummary {
  readonly name: string;
  readonly full: string;
}

const FIGURES = ['last', 'min', 'mean', 'max'] as const;
const FIGURE_KEYS = {
  last: 'explore.summary.last',
  min: 'explore.summary.min',
  mean: 'explore.summary.mean',
  max: 'explore.summary.max',
} as const;

/** What each series did over the range: last, least, mean and greatest value. */
export function RangeTable(props: ResultProps) {
  const { query, letter, range, row } = props;
  const { t, locale } = useI18n();
  const [sort, setSort] = useState<Sort>({ key: 'last', descending: true });
  const result = useRangeResult(query, range);
  useFault(result.error, props);
  const { series, times } = result;
  const unit = useMemo(() => unitOfQuery(query), [query]);
  const rows = useMemo(() => {
    const names = namesOf(
      series.map(({ labels }) => labels),
      row.ran.legend,
    );
    return series.map<Row>(({ labels, values }, i) => ({
      name: names[i]!,
      full: fullName(labels),
      ...summaryOf(values),
    }));
  }, [series, row.ran.legend]);
  if (result.status !== 'ready') {
    return (
      <ResultPanel letter={letter} query={query}>
        {result.status === 'loading' ? (
          <Loading />
        ) : (
          <QueryFailed query={query} message={result.error} onRetry={result.retry} />
        )}
      </ResultPanel>
    );
  }
  const sorted = sortRows(rows, sort);
  const shown = sorted.slice(0, MOST_ROWS);
  const format = (value: number): string => formatUnit(value, unit, locale);
  return (
    <ResultPanel
      flush
      letter={letter}
      query={query}
      figures={rangeFigures(result, range.stepMs)}
      warnings={result.warnings}
      infos={result.infos}
      busy={result.busy}
      actions={
        <ExportMenu
          letter={letter}
          csv={() => rangeCsv(times, series)}
          json={() => rangeJson(query, times, series)}
        />
      }
    >
      <Table
        caption={t('explore.table')}
        columns={[
          {
            key: 'name',
            title: t('explore.seriesName'),
            sortable: true,
            cell: ({ name, full }) => <code title={full}>{name}</code>,
          },
          ...FIGURES.map<Column<Row>>((key) => ({
            key,
            title: t(FIGURE_KEYS[key]),
            numeric: true,
            sortable: true,
            cell: (each) => <span title={String(each[key])}>{format(each[key])}</span>,
          })),
        ]}
        rows={shown}
        rowKey={({ full }) => full}
        sort={sort}
        onSort={setSort}
        empty={<EmptyState title={t('explore.noResult')}>{t('explore.noResult.hint')}</EmptyState>}
      />
      {sorted.length > shown.length && (
        <p className={styles.more}>{t('explore.rows', { shown: shown.length, n: sorted.length })}</p>
      )}
    </ResultPanel>
  );
}

/** NaN sorts last either way. */
function sortRows(rows: readonly Row[], { key, descending }: Sort): readonly Row[] {
  const sign = descending ? -1 : 1;
  const figure = FIGURES.find((each) => each === key);
  return rows.toSorted((a, b) => {
    if (!figure) return sign * a.name.localeCompare(b.name, 'en', { numeric: true });
    const [left, right] = [a[figure], b[figure]];
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return sign * (left - right);
  });
}
