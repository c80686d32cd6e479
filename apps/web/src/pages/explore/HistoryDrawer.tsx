import { useState } from 'react';
import { Button, Drawer, EmptyState, Field, IconButton } from '../../components/index.ts';
import { formatAge } from '../../i18n/format.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useServerNow } from '../../live/index.ts';
import { copyText } from '../../panels/copy-text.ts';
import styles from './HistoryDrawer.module.css';
import { found, type Remembered } from './query-history.ts';
import type { HistoryStore } from './use-history.ts';

export interface HistoryDrawerProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly history: HistoryStore;
  readonly onRun: (query: string) => void;
  readonly onAdd: (query: string) => void;
}

/** Queries that were run in this browser: found by words, kept by stars. */
export function HistoryDrawer({ open, onClose, history, onRun, onAdd }: HistoryDrawerProps) {
  const t = useT();
  return (
    <Drawer title={t('explore.history')} open={open} onClose={onClose}>
      <HistoryList history={history} onRun={onRun} onAdd={onAdd} />
    </Drawer>
  );
}

export function HistoryList({ history, onRun, onAdd }: Omit<HistoryDrawerProps, 'open' | 'onClose'>) {
  const t = useT();
  const [words, setWords] = useState('');
  const [onlyStarred, setOnlyStarred] = useState(false);
  const shown = found(history.entries, words, onlyStarred);
  if (history.entries.length === 0) {
    return (
      <EmptyState icon="clock" title={t('explore.history.none.title')}>
        {t('explore.history.none')}
      </EmptyState>
    );
  }
  return (
    <div className={styles.history}>
      <div className={styles.find}>
        <Field
          label={t('explore.history.find')}
          type="search"
          value={words}
          data-first
          onChange={(event) => setWords(event.target.value)}
          className={styles.field ?? ''}
        />
        <Button
          icon="star"
          aria-pressed={onlyStarred}
          className={styles.starred ?? ''}
          onClick={() => setOnlyStarred(!onlyStarred)}
        >
          {t('explore.history.starred')}
        </Button>
      </div>
      {shown.length === 0 && <p className={styles.quiet}>{t('explore.history.noMatch')}</p>}
      <ul className={styles.list}>
        {shown.map((entry) => (
          <Entry key={entry.query} entry={entry} history={history} onRun={onRun} onAdd={onAdd} />
        ))}
      </ul>
      <footer className={styles.foot}>
        <p className={styles.quiet}>{t('explore.history.where')}</p>
        <Button variant="ghost" icon="trash" onClick={history.clear}>
          {t('explore.history.clear')}
        </Button>
      </footer>
    </div>
  );
}

interface EntryProps {
  readonly entry: Remembered;
  readonly history: HistoryStore;
  readonly onRun: (query: string) => void;
  readonly onAdd: (query: string) => void;
}

function Entry({ entry, history, onRun, onAdd }: EntryProps) {
  const t = useT();
  const nowMs = useServerNow(1000);
  const { query, atMs, starred } = entry;
  return (
    <li className={styles.entry}>
      <IconButton
        size="small"
        icon="star"
        label={t(starred ? 'explore.history.unstar' : 'explore.history.star')}
        aria-pressed={starred}
        className={styles.star ?? ''}
        onClick={() => history.star(query)}
      />
      <button type="button" className={styles.query} onClick={() => onRun(query)}>
        <code>{query}</code>
        {atMs > 0 && nowMs !== undefined && (
          <span>{t('service.ago', { age: formatAge(t, nowMs - atMs) })}</span>
        )}
      </button>
      <span className={styles.tools}>
        <IconButton size="small" icon="plus" label={t('explore.history.add')} onClick={() => onAdd(query)} />
        <IconButton size="small" icon="copy" label={t('promql.copy')} onClick={() => void copyText(query)} />
        <IconButton
          size="small"
          icon="trash"
          label={t('explore.history.forget')}
          onClick={() => history.forget(query)}
        />
      </span>
    </li>
  );
}
