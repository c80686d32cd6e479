import type { ReactNode } from 'react';
import { Field, Segmented } from '../../components/index.ts';
import type { UrlText } from '../../hooks/use-url-state.ts';
import { useT } from '../../i18n/i18n.tsx';
import styles from './Alerts.module.css';

export interface Filter extends UrlText {
  /** `all` when nothing is chosen. */
  readonly state: string;
  readonly onState: (state: string) => void;
}

export function FilterBar({
  filter,
  states,
  children,
}: {
  filter: Filter;
  states: readonly { readonly value: string; readonly label: string }[];
  children?: ReactNode;
}) {
  const t = useT();
  const known = states.some(({ value }) => value === filter.state);
  return (
    <div className={styles.filters}>
      <Field
        label={t('alerts.filter.text')}
        placeholder={t('alerts.filter.placeholder')}
        type="search"
        value={filter.typed}
        onChange={(event) => filter.setText(event.target.value)}
      />
      <Segmented
        label={t('alerts.filter.state')}
        value={known ? filter.state : 'all'}
        onChange={filter.onState}
        options={states}
      />
      {children}
    </div>
  );
}
