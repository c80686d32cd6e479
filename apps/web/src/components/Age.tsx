import { cx } from '../design/cx.ts';
import { formatAge } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { useServerNow } from '../live/index.ts';
import styles from './Age.module.css';

export interface AgeProps {
  /** Server time of the data; undefined when none ever came. */
  readonly sinceMs: number | undefined;
  /** From this age on it is marked as late. */
  readonly lateAfterMs?: number;
}

/** The age of data on the server's clock, counted each second, also while the connection is cut. */
export function Age({ sinceMs, lateAfterMs }: AgeProps) {
  const nowMs = useServerNow();
  const t = useT();
  if (sinceMs === undefined || nowMs === undefined) return <span className={styles.age}>–</span>;
  const age = nowMs - sinceMs;
  const late = lateAfterMs !== undefined && age > lateAfterMs;
  const text = formatAge(t, age);
  return (
    <span className={cx(styles.age, late && styles.late)} title={t('age.label', { age: text })}>
      {text}
    </span>
  );
}
