import { type ReactNode, useId } from 'react';
import { cx } from '../design/cx.ts';
import styles from './Segmented.module.css';

export interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: ReactNode }[];
  readonly onChange: (value: T) => void;
  readonly size?: 'small' | 'normal';
}

/** One of a few: a group of radio buttons, so arrows choose and Tab passes by. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
  size = 'normal',
}: SegmentedProps<T>) {
  const name = useId();
  return (
    <fieldset className={cx(styles.group, size === 'small' && styles.small)}>
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles.option}>
          <input
            type="radio"
            name={name}
            className="visually-hidden"
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
