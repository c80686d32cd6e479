import { formatUnit, type Unit } from '@watchroom/chart-data';
import type { Labels } from '../../api/index.ts';
import { Loading, Score } from '../../components/index.ts';
import type { Size } from '../../hooks/use-size.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import type { ResolvedRange } from '../../panels/range.ts';
import { useVector } from '../../panels/use-vector.ts';
import styles from './Embed.module.css';

export interface LastValueProps {
  readonly query: string;
  readonly nameOf: (labels: Labels) => string;
  readonly unit: Unit;
  readonly range: ResolvedRange;
  readonly room: Size;
  /** The one value is a health score. */
  readonly isScore?: boolean;
}

const ROW_PX = 18;

/** The newest values of a query, the highest first, in a frame too small for a chart. */
export function LastValue({ query, nameOf, unit, range, room, isScore = false }: LastValueProps) {
  const { t, locale } = useI18n();
  const { samples, status } = useVector(query, range);
  if (status === 'loading') return <Loading />;
  if (isScore) return <Score score={samples[0]?.value} />;
  if (samples.length === 0) return <p className={styles.quiet}>{t('chart.noData')}</p>;
  const fitting = Math.max(1, Math.floor(room.height / ROW_PX));
  const rows = [...samples].sort((a, b) => b.value - a.value).slice(0, fitting);
  return (
    <dl className={styles.values}>
      {rows.map(({ labels, value }) => (
        <div key={JSON.stringify(labels)}>
          <dt title={nameOf(labels)}>{nameOf(labels)}</dt>
          <dd>{formatUnit(value, unit, locale)}</dd>
        </div>
      ))}
    </dl>
  );
}
