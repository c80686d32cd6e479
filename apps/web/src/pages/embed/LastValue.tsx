import { formatUnit } from '@watchroom/chart-data';
import { Loading, Score } from '../../components/index.ts';
import type { Size } from '../../hooks/use-size.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import {
  chartLooks,
  chartQuery,
  type ServiceChartId,
  type ServiceChartProps,
} from '../../panels/service-charts.tsx';
import { useVector } from '../../panels/use-vector.ts';
import styles from './Embed.module.css';

const ROW_PX = 18;

/** The newest values of a chart in a frame too small for one. */
export function LastValue({ id, room, ...props }: ServiceChartProps & { id: ServiceChartId; room: Size }) {
  const { locale } = useI18n();
  const { samples, status } = useVector(chartQuery(id, props), props.range);
  if (status === 'loading') return <Loading />;
  if (id === 'score') return <Score score={samples[0]?.value} />;
  const { nameOf, unit } = chartLooks(id);
  const rows = [...samples]
    .sort((a, b) => b.value - a.value)
    .slice(0, Math.max(1, Math.floor(room.height / ROW_PX)));
  return (
    <dl className={styles.values}>
      {rows.map(({ labels, value }) => (
        <div key={nameOf(labels)}>
          <dt>{nameOf(labels)}</dt>
          <dd>{formatUnit(value, unit, locale)}</dd>
        </div>
      ))}
    </dl>
  );
}
