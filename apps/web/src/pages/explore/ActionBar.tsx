import { useIsFetching } from '@tanstack/react-query';
import { Button, Kbd } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import styles from './Explore.module.css';
import { MOST_QUERIES } from './explore-state.ts';
import { MOD_KEY } from './mod-key.ts';
import type { QueryRows } from './use-query-rows.ts';

export interface ActionBarProps {
  readonly rows: QueryRows;
  readonly onHistory: () => void;
  readonly onMetrics: () => void;
}

/** Under the editors: run, one query more, and where queries come from. */
export function ActionBar({ rows, onHistory, onMetrics }: ActionBarProps) {
  const t = useT();
  const busy = useIsFetching({ queryKey: ['explore'] }) > 0;
  const changed = rows.rows.some(({ draft, ran }) => draft.trim() !== ran.text);
  return (
    <div className={styles.actions}>
      <Button variant="primary" icon="play" aria-busy={busy} onClick={() => rows.run()}>
        {t('explore.run')}
      </Button>
      <span className={styles.keys} aria-hidden="true" data-changed={changed || undefined}>
        <Kbd>{MOD_KEY}</Kbd> <Kbd>⏎</Kbd>
      </span>
      <span className={styles.space} />
      <Button
        variant="ghost"
        icon="plus"
        disabled={rows.rows.length >= MOST_QUERIES}
        onClick={() => rows.add()}
      >
        {t('explore.add')}
      </Button>
      <Button variant="ghost" icon="list" onClick={onMetrics}>
        {t('explore.metrics')}
      </Button>
      <Button variant="ghost" icon="clock" onClick={onHistory}>
        {t('explore.history')}
      </Button>
    </div>
  );
}
