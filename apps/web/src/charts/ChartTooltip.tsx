import { formatUnit, type Unit } from '@watchroom/chart-data';
import { formatDateTime } from '../i18n/format.ts';
import { useI18n } from '../i18n/i18n.tsx';
import type { ChartSeries } from './ChartFrame.tsx';
import styles from './ChartTooltip.module.css';

export interface ChartTooltipProps {
  readonly unit: Unit;
  readonly series: readonly ChartSeries[];
  /** Given by Recharts. */
  readonly active?: boolean;
  readonly label?: number | string;
  readonly payload?: readonly { readonly dataKey?: unknown; readonly value?: unknown }[];
}

const MOST = 12;

/** Time and values at the pointer, the highest first. */
export function ChartTooltip({ unit, series, active, label, payload }: ChartTooltipProps) {
  const { locale } = useI18n();
  if (!active || !payload || payload.length === 0) return null;
  const values = series
    .map((each, i) => ({ ...each, value: payload.find((point) => point.dataKey === `s${i}`)?.value }))
    .filter((each): each is ChartSeries & { value: number } => typeof each.value === 'number')
    .sort((a, b) => b.value - a.value);
  return (
    <div className={styles.tooltip}>
      <div className={styles.time}>{formatDateTime(Number(label))}</div>
      {values.slice(0, MOST).map(({ name, colour, value }) => (
        <div key={name} className={styles.row}>
          <span className={styles.swatch} style={{ background: colour }} />
          <span className={styles.name}>{name}</span>
          <span className={styles.value}>{formatUnit(value, unit, locale)}</span>
        </div>
      ))}
    </div>
  );
}
