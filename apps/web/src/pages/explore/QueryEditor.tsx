import { lazy, type Ref, Suspense } from 'react';
import { fetchFormatted } from '../../api/index.ts';
import { IconButton, Popover } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import styles from './Explore.module.css';
import { MOST_QUERIES } from './explore-state.ts';
import { LooksForm } from './LooksForm.tsx';
import type { EditorHandle } from './PromqlEditor.tsx';
import { faultOf, type QueryFault } from './server-position.ts';
import type { QueryRow, QueryRows } from './use-query-rows.ts';

const PromqlEditor = lazy(async () => ({ default: (await import('./PromqlEditor.tsx')).PromqlEditor }));

export interface QueryEditorProps {
  readonly row: QueryRow;
  readonly letter: string;
  readonly rows: QueryRows;
  /** The only row: it can be emptied, not removed. */
  readonly only: boolean;
  readonly fault: QueryFault | undefined;
  readonly onFault: (key: number, fault: QueryFault | undefined) => void;
  readonly highlight: { readonly start: number; readonly end: number } | undefined;
  readonly onMetrics: () => void;
  readonly takesFocus: boolean;
  readonly editorRef: Ref<EditorHandle>;
}

/** One query: its letter, the editor, and what can be done with it. */
export function QueryEditor(props: QueryEditorProps) {
  const { row, letter, rows, only, fault, onFault } = props;
  const t = useT();
  const { key, draft, ran } = row;
  const format = async () => {
    if (draft.trim() === '') return;
    try {
      rows.setDraft(key, await fetchFormatted(draft));
      onFault(key, undefined);
    } catch (error) {
      onFault(key, faultOf(error instanceof Error ? error.message : undefined));
    }
  };
  return (
    <section
      className={styles.row}
      aria-label={t('explore.queryOf', { letter })}
      data-off={ran.off || undefined}
      data-fault={fault !== undefined || undefined}
    >
      <span className={styles.letter} aria-hidden="true">
        {letter}
      </span>
      <div className={styles.editor}>
        <Suspense fallback={<pre className={styles.plain}>{draft}</pre>}>
          <PromqlEditor
            ref={props.editorRef}
            query={draft}
            label={t('explore.queryOf', { letter })}
            placeholder={t('explore.query')}
            onChange={(text) => rows.setDraft(key, text)}
            onRun={() => rows.run()}
            onFormat={() => void format()}
            fault={fault}
            highlight={props.highlight}
            takesFocus={props.takesFocus}
          />
        </Suspense>
      </div>
      <div className={styles.rowActions}>
        <IconButton
          size="small"
          icon="format"
          label={t('explore.format')}
          disabled={draft.trim() === ''}
          onClick={() => void format()}
        />
        <IconButton size="small" icon="list" label={t('explore.metrics.insert')} onClick={props.onMetrics} />
        <LooksControl
          legend={ran.legend}
          colour={ran.colour}
          letter={letter}
          onChange={(change) => rows.change(key, change)}
        />
        <IconButton
          size="small"
          icon={ran.off ? 'eyeOff' : 'eye'}
          label={t(ran.off ? 'explore.show' : 'explore.hide', { letter })}
          aria-pressed={ran.off}
          onClick={() => rows.change(key, { off: !ran.off })}
        />
        <IconButton
          size="small"
          icon="copy"
          label={t('explore.duplicate', { letter })}
          disabled={rows.rows.length >= MOST_QUERIES}
          onClick={() => rows.duplicate(key)}
        />
        <IconButton
          size="small"
          icon="trash"
          label={t('explore.remove', { letter })}
          disabled={only && draft === '' && ran.text === ''}
          onClick={() => rows.remove(key)}
        />
      </div>
    </section>
  );
}

interface LooksControlProps {
  readonly legend: string;
  readonly colour: number;
  readonly letter: string;
  readonly onChange: (change: { readonly legend: string; readonly colour: number }) => void;
}

function LooksControl({ legend, colour, letter, onChange }: LooksControlProps) {
  const t = useT();
  const label = t('explore.legendOf', { letter });
  return (
    <Popover
      label={label}
      trigger={null}
      buttonProps={{
        icon: 'tag',
        size: 'small',
        'aria-label': label,
        title: label,
        className: styles.legendButton ?? '',
        ...(legend === '' && colour === 0 ? {} : { 'aria-pressed': true }),
      }}
    >
      {(close) => <LooksForm legend={legend} colour={colour} onChange={onChange} close={close} />}
    </Popover>
  );
}
