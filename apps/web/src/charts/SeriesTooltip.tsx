import { formatUnit, type Unit } from '@watchroom/chart-data';
import { formatDateTime } from '../i18n/format.ts';
import { useI18n } from '../i18n/i18n.tsx';
import styles from './ChartTooltip.module.css';
import own from './SeriesChart.module.css';
import type { Reading } from './series-geometry.ts';

export interface SeriesTooltipProps {
  readonly timeMs: number;
  readonly readings: readonly Reading[];
  /** Series with a value there that are not listed. */
  readonly left: number;
  readonly lifted: string | undefined;
  readonly unit: Unit;
  /** Px from the left of the chart; the box stands on the side with more room. */
  readonly x: number;
  readonly width: number;
}

/** Time and values at the pointer, the highest first, the nearest in bold. */
export function SeriesTooltip(props: SeriesTooltipProps) {
  const { timeMs, readings, left, lifted, unit, x, width } = props;
  const { t, locale } = useI18n();
  if (readings.length === 0) return null;
  const side = x > width / 2 ? { right: width - x + 14 } : { left: x + 14 };
  return (
    <div className={`${styles.tooltip} ${own.tooltip}`} style={side} aria-hidden="true">
      <div className={styles.time}>{formatDateTime(timeMs)}</div>
      {readings.map(({ name, colour, value }) => (
        <div key={name} className={styles.row} data-lifted={name === lifted || undefined}>
          <span className={styles.swatch} style={{ background: colour }} />
          <span className={styles.name}>{name}</span>
          <span className={styles.value}>{formatUnit(value, unit, locale)}</span>
        </div>
      ))}
      {left > 0 && <div className={styles.time}>{t('chart.moreSeries', { n: left })}</div>}
    </div>
  );
}
