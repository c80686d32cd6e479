import type { MouseEvent } from 'react';
import { cx } from '../design/cx.ts';
import styles from './SeriesLegend.module.css';

export interface SeriesLegendItem {
  readonly name: string;
  readonly colour: string;
  /** The newest value as text. */
  readonly value: string;
}

export interface SeriesLegendProps {
  readonly label: string;
  readonly items: readonly SeriesLegendItem[];
  readonly isDrawn: (name: string) => boolean;
  readonly highlighted: string | undefined;
  readonly onHighlight: (name: string | undefined) => void;
  /** A press: only this one. */
  readonly onIsolate: (name: string) => void;
  /** A press with Ctrl, Cmd or Shift held: this one more or less. */
  readonly onSwitch: (name: string) => void;
  /** What a press does, for pointers and screen readers. */
  readonly hint: string;
}

/** Names in columns with their newest values; pointing at one lifts its line out of the others. */
export function SeriesLegend(props: SeriesLegendProps) {
  const { label, items, isDrawn, highlighted, onHighlight, hint } = props;
  const press = (event: MouseEvent, name: string) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) props.onSwitch(name);
    else props.onIsolate(name);
  };
  return (
    <ul className={styles.legend} aria-label={label} data-one={items.length === 1 || undefined}>
      {items.map(({ name, colour, value }) => (
        <li key={name}>
          <button
            type="button"
            aria-pressed={isDrawn(name)}
            title={`${name}\n${hint}`}
            className={cx(styles.item, !isDrawn(name) && styles.off, name === highlighted && styles.lifted)}
            onClick={(event) => press(event, name)}
            onPointerEnter={() => onHighlight(name)}
            onPointerLeave={() => onHighlight(undefined)}
            onFocus={() => onHighlight(name)}
            onBlur={() => onHighlight(undefined)}
          >
            <span className={styles.swatch} style={{ background: colour }} />
            <span className={styles.name}>{name}</span>
            <span className={styles.value}>{value}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
