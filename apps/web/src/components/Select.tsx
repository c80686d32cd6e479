import { cx } from '../design/cx.ts';
import { Icon } from './Icon.tsx';
import styles from './Select.module.css';

export interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
  readonly size?: 'small' | 'normal';
  readonly disabled?: boolean;
}

/** The platform's own list box, dressed. `label` is its accessible name. */
export function Select<T extends string>({
  label,
  value,
  options,
  onChange,
  size = 'normal',
  disabled,
}: SelectProps<T>) {
  return (
    <span className={cx(styles.select, size === 'small' && styles.small)}>
      <select
        aria-label={label}
        value={value}
        disabled={disabled}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="chevron" />
    </span>
  );
}
