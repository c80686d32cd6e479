import { formatUnit } from '@watchroom/chart-data';
import { parseDuration } from '@watchroom/model';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Target } from '../../api/index.ts';
import {
  Age,
  Button,
  type Column,
  EmptyState,
  type Sort,
  StateShape,
  Table,
} from '../../components/index.ts';
import type { MessageKey } from '../../i18n/en.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { LabelSet } from './LabelSet.tsx';
import styles from './Targets.module.css';
import { sortTargets, targetState } from './target-rows.ts';

const HEALTH: Readonly<Record<Target['health'], MessageKey>> = {
  up: 'targets.health.up',
  down: 'targets.health.down',
  unknown: 'targets.health.unknown',
};
const LATE_INTERVALS = 2;
/** Said in columns of their own, or in the address. */
const SAID = ['service', 'instance'];

export interface TargetTableProps {
  readonly targets: readonly Target[];
  readonly onDetails: (target: Target) => void;
}

export function TargetTable({ targets, onDetails }: TargetTableProps) {
  const { t } = useI18n();
  const [sort, setSort] = useState<Sort>({ key: 'state', descending: false });
  const columns = useColumns(onDetails);
  return (
    <div className={styles.table}>
      <Table
        caption={t('targets.title')}
        columns={columns}
        rows={sortTargets(targets, sort)}
        rowKey={(target) => `${target.scrapePool} ${target.id}`}
        sort={sort}
        onSort={setSort}
        cards
        empty={<EmptyState title={t('targets.noMatch')} />}
      />
    </div>
  );
}

function useColumns(onDetails: (target: Target) => void): readonly Column<Target>[] {
  const { t, locale } = useI18n();
  return [
    {
      key: 'state',
      title: t('targets.column.state'),
      sortable: true,
      cell: (target) => (
        <span className={styles.state} data-state={target.health}>
          <StateShape state={targetState(target)} />
          {t(HEALTH[target.health])}
        </span>
      ),
    },
    {
      key: 'address',
      title: t('targets.column.address'),
      sortable: true,
      cell: (target) => <Address target={target} />,
    },
    {
      key: 'labels',
      title: t('targets.column.labels'),
      cell: (target) => <LabelSet labels={target.labels} without={SAID} />,
    },
    {
      key: 'last',
      title: t('targets.column.last'),
      sortable: true,
      numeric: true,
      cell: (target) => (
        <Age
          sinceMs={target.lastScrape}
          lateAfterMs={LATE_INTERVALS * (parseDuration(target.scrapeInterval) ?? 60_000) + REFRESH_MS}
        />
      ),
    },
    {
      key: 'duration',
      title: t('targets.column.duration'),
      sortable: true,
      numeric: true,
      cell: (target) => (
        <span className={styles.number}>
          {target.lastScrape === undefined ? '–' : formatUnit(target.lastScrapeDuration, 'seconds', locale)}
        </span>
      ),
    },
    {
      key: 'interval',
      title: t('targets.column.interval'),
      numeric: true,
      cell: (target) => target.scrapeInterval,
    },
    {
      key: 'more',
      title: t('targets.column.more'),
      cell: (target) => (
        <Button
          size="small"
          variant="ghost"
          icon="right"
          aria-label={t('targets.details', { address: target.scrapeUrl })}
          onClick={() => onDetails(target)}
        />
      ),
    },
  ];
}

/** The list is read every five seconds: an age below that says nothing about the target. */
const REFRESH_MS = 5000;

function Address({ target }: { target: Target }) {
  const { service } = target.labels;
  return (
    <div className={styles.address}>
      <span className={styles.url} title={target.scrapeUrl}>
        {service && (
          <Link to={`/d/service/${encodeURIComponent(service)}`} className={styles.service}>
            {service}
          </Link>
        )}
        <span>{target.scrapeUrl}</span>
      </span>
      {target.lastError && <p className={styles.error}>{target.lastError}</p>}
    </div>
  );
}
