import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { fetchMetadata, fetchMetricNames } from '../../api/index.ts';
import { Badge, Drawer, EmptyState, ErrorState, Field, Loading, Select } from '../../components/index.ts';
import { useI18n, useT } from '../../i18n/i18n.tsx';
import type { ResolvedRange } from '../../panels/range.ts';
import styles from './MetricBrowser.module.css';
import { MetricDetails } from './MetricDetails.tsx';
import { type MetricEntry, matchingMetrics, metricEntries } from './metric-browser.ts';

export interface MetricBrowserProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly range: ResolvedRange | undefined;
  readonly nowMs: number;
  /** Into the editor, where the cursor is. */
  readonly onInsert: (text: string) => void;
  /** As a query of its own. */
  readonly onAdd: (text: string) => void;
}

const MOST_SHOWN = 200;
const ALL_TYPES = '';

/** The metrics of the range with their type, help and unit; one of them with its labels and values, to be put together. */
export function MetricBrowser(props: MetricBrowserProps) {
  const t = useT();
  return (
    <Drawer title={t('explore.metrics')} open={props.open} onClose={props.onClose}>
      <Browser {...props} />
    </Drawer>
  );
}

/** The times that are looked at; a live window ends now, in whole minutes so that answers are kept. */
function spanOf(range: ResolvedRange | undefined, nowMs: number): { fromMs: number; toMs: number } {
  if (range?.kind === 'fixed') return { fromMs: range.fromMs, toMs: range.toMs };
  const toMs = Math.ceil(nowMs / 60_000) * 60_000;
  return { fromMs: toMs - (range?.windowMs ?? 3_600_000) - 60_000, toMs };
}

function Browser({ range, nowMs, onInsert, onAdd }: MetricBrowserProps) {
  const t = useT();
  const [metric, setMetric] = useState<MetricEntry | undefined>();
  const { fromMs, toMs } = spanOf(range, nowMs);
  const answer = useQuery({
    queryKey: ['metrics', fromMs, toMs],
    queryFn: async ({ signal }) => {
      const [names, metadata] = await Promise.all([
        fetchMetricNames({ fromMs, toMs }, signal),
        fetchMetadata(undefined, signal),
      ]);
      return metricEntries(names, metadata);
    },
    placeholderData: (before) => before,
    staleTime: 60_000,
  });
  if (answer.error) {
    return (
      <ErrorState
        title={t('explore.metrics.failed')}
        detail={answer.error.message}
        onRetry={() => void answer.refetch()}
      />
    );
  }
  if (!answer.data) return <Loading />;
  if (metric) {
    return (
      <MetricDetails
        metric={metric}
        span={{ fromMs, toMs }}
        onBack={() => setMetric(undefined)}
        onInsert={onInsert}
        onAdd={onAdd}
      />
    );
  }
  return <MetricList entries={answer.data} onChoose={setMetric} />;
}

export function MetricList({
  entries,
  onChoose,
}: {
  entries: readonly MetricEntry[];
  onChoose: (metric: MetricEntry) => void;
}) {
  const { t, locale } = useI18n();
  const [text, setText] = useState('');
  const [type, setType] = useState<string>(ALL_TYPES);
  const types = useMemo(() => [...new Set(entries.map((entry) => entry.type))].sort(), [entries]);
  const found = useMemo(() => matchingMetrics(entries, text, type), [entries, text, type]);
  const shown = found.slice(0, MOST_SHOWN);
  const whole = new Intl.NumberFormat(locale);
  if (entries.length === 0) {
    return <EmptyState title={t('explore.metrics.none')}>{t('explore.metrics.none.body')}</EmptyState>;
  }
  return (
    <div className={styles.browser}>
      <div className={styles.find}>
        <Field
          label={t('explore.metrics.find')}
          type="search"
          value={text}
          data-first
          autoFocus
          className={styles.field ?? ''}
          onChange={(event) => setText(event.target.value)}
        />
        <Select
          label={t('explore.metrics.type')}
          value={type}
          onChange={setType}
          options={[
            { value: ALL_TYPES, label: t('explore.metrics.allTypes') },
            ...types.map((value) => ({ value, label: value })),
          ]}
        />
      </div>
      <p className={styles.quiet} role="status">
        {found.length > shown.length
          ? t('explore.metrics.some', { shown: MOST_SHOWN, n: whole.format(found.length) })
          : t('explore.metrics.count', { n: whole.format(found.length) })}
      </p>
      <ul className={styles.list}>
        {shown.map((entry) => (
          <li key={entry.name}>
            <button type="button" className={styles.metric} onClick={() => onChoose(entry)}>
              <span className={styles.head}>
                <code>{entry.name}</code>
                <Badge>{entry.type}</Badge>
              </span>
              {entry.help !== '' && <span className={styles.help}>{entry.help}</span>}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
