import { cx } from '../design/cx.ts';
import styles from './Legend.module.css';

export interface LegendItem {
  readonly key: string;
  readonly label: string;
  /** A CSS colour, as a rule `var(--series-n)`. */
  readonly colour: string;
  readonly value?: string | undefined;
}

export interface LegendProps {
  readonly items: readonly LegendItem[];
  readonly hidden?: ReadonlySet<string>;
  /** Makes each entry a toggle button. */
  readonly onToggle?: (key: string) => void;
}

export function Legend({ items, hidden, onToggle }: LegendProps) {
  return (
    <ul className={styles.legend}>
      {items.map((item) => {
        const off = hidden?.has(item.key) === true;
        const body = (
          <>
            <span className={styles.swatch} style={{ background: item.colour }} />
            <span className={styles.label}>{item.label}</span>
            {item.value !== undefined && <span className={styles.value}>{item.value}</span>}
          </>
        );
        return (
          <li key={item.key} title={item.label}>
            {onToggle ? (
              <button
                type="button"
                aria-pressed={!off}
                className={cx(styles.item, off && styles.off)}
                onClick={() => onToggle(item.key)}
              >
                {body}
              </button>
            ) : (
              <span className={styles.item}>{body}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
