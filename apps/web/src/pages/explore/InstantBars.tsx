import { formatUnit } from '@watchroom/chart-data';
import { useMemo } from 'react';
import { seriesColour } from '../../charts/index.ts';
import { EmptyState, Loading } from '../../components/index.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { namesOf } from './chart-lines.ts';
import styles from './Explore.module.css';
import { ExportMenu } from './ExportMenu.tsx';
import { instantCsv, instantJson } from './export.ts';
import type { ResultProps } from './QueryResult.tsx';
import { QueryFailed, ResultPanel, useFault } from './ResultPanel.tsx';
import { unitOfQuery } from './unit-of-query.ts';
import { useInstantResult } from './use-instant-result.ts';

const MOST_BARS = 50;

/** The values at the end of the range as bars, the longest first. */
export function InstantBars(props: ResultProps) {
  const { query, letter, range, row } = props;
  const { t, locale } = useI18n();
  const answer = useInstantResult(query, range);
  useFault(answer.error?.message, props);
  const samples = answer.data?.samples;
  const unit = useMemo(() => unitOfQuery(query), [query]);
  const bars = useMemo(() => {
    const names = namesOf(
      (samples ?? []).map(({ labels }) => labels),
      row.ran.legend,
    );
    return (samples ?? [])
      .map(({ value }, i) => ({ name: names[i]!, value }))
      .sort((a, b) => (Number.isNaN(a.value) ? 1 : Number.isNaN(b.value) ? -1 : b.value - a.value));
  }, [samples, row.ran.legend]);
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
  const { warnings, infos, tookMs, samplesRead } = answer.data;
  const most = Math.max(...bars.map(({ value }) => (Number.isFinite(value) ? Math.abs(value) : 0)), 0);
  return (
    <ResultPanel
      letter={letter}
      query={query}
      figures={{ series: bars.length, samples: samplesRead, tookMs }}
      warnings={warnings}
      infos={infos}
      actions={
        <ExportMenu
          letter={letter}
          csv={() => instantCsv(answer.data.samples)}
          json={() => instantJson(query, answer.data.samples)}
        />
      }
    >
      {bars.length === 0 && (
        <EmptyState title={t('explore.noResult')}>{t('explore.noResult.hint')}</EmptyState>
      )}
      <ul className={styles.bars}>
        {bars.slice(0, MOST_BARS).map(({ name, value }, i) => (
          <li key={name}>
            <span className={styles.barName} title={name}>
              {name}
            </span>
            <span className={styles.barTrack}>
              <span
                className={styles.bar}
                style={{
                  width: `${most > 0 && Number.isFinite(value) ? (100 * Math.abs(value)) / most : 0}%`,
                  background: seriesColour(i),
                }}
              />
            </span>
            <span className={styles.barValue}>{formatUnit(value, unit, locale)}</span>
          </li>
        ))}
      </ul>
      {bars.length > MOST_BARS && (
        <p className={styles.more}>{t('explore.rows', { shown: MOST_BARS, n: bars.length })}</p>
      )}
    </ResultPanel>
  );
}
