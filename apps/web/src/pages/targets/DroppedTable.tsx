import type { DroppedTarget } from '../../api/index.ts';
import { type Column, EmptyState, Table } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { LabelSet } from './LabelSet.tsx';
import styles from './Targets.module.css';

/** Targets that relabelling dropped, and those that could not be read. */
export function DroppedTable({ targets, more }: { targets: readonly DroppedTarget[]; more: number }) {
  const t = useT();
  const columns: readonly Column<DroppedTarget>[] = [
    { key: 'pool', title: t('targets.column.pool'), cell: ({ scrapePool }) => scrapePool },
    {
      key: 'labels',
      title: t('targets.before'),
      cell: ({ discoveredLabels, fault }) => (
        <>
          <LabelSet labels={discoveredLabels} />
          {fault && <p className={styles.error}>{fault}</p>}
        </>
      ),
    },
  ];
  return (
    <div className={styles.table}>
      <Table
        caption={t('targets.dropped')}
        columns={columns}
        rows={targets}
        rowKey={({ scrapePool, discoveredLabels }) => `${scrapePool} ${JSON.stringify(discoveredLabels)}`}
        empty={<EmptyState title={t('targets.dropped.none')} />}
      />
      {more > 0 && <p className={styles.quiet}>{t('targets.dropped.more', { n: more })}</p>}
    </div>
  );
}
