import { useState } from 'react';
import {
  Badge,
  Banner,
  type Column,
  EmptyState,
  ErrorState,
  Legend,
  Loading,
  Panel,
  Score,
  Skeleton,
  type Sort,
  StateMark,
  Table,
} from '../../components/index.ts';
import { STATES } from '../../design/state.ts';
import { useT } from '../../i18n/i18n.tsx';
import { Specimen } from './Specimen.tsx';
import styles from './Styleguide.module.css';
import { SAMPLE_ROWS, type SampleRow, SERIES_TOKENS } from './samples.ts';

export function Feedback() {
  const t = useT();
  return (
    <>
      <Specimen title={t('styleguide.states')}>
        {STATES.map((state) => (
          <StateMark key={state} state={state} />
        ))}
        {STATES.map((state) => (
          <Badge key={state} state={state}>
            <StateMark state={state} short />
          </Badge>
        ))}
        <Badge>{t('styleguide.normal')}</Badge>
        {[97, 64, 12, undefined].map((score) => (
          <Score key={String(score)} score={score} />
        ))}
        <Score score={88} state="late" />
        <Score score={100} size="large" />
      </Specimen>
      <Specimen title={t('styleguide.feedback')}>
        {STATES.map((state) => (
          <div key={state} className={styles.wide}>
            <Banner state={state} detail={t('styleguide.sample')}>
              {t('banner.config')}
            </Banner>
          </div>
        ))}
        <Panel title={t('wall.services')}>
          <EmptyState title={t('wall.empty.title')}>{t('app.notFound')}</EmptyState>
        </Panel>
        <Panel title={t('wall.services')}>
          <ErrorState title={t('chart.problem')} detail="HTTP 503" onRetry={() => undefined} />
        </Panel>
        <Panel title={t('wall.services')}>
          <Loading />
        </Panel>
        <Skeleton width="10rem" />
      </Specimen>
      <Data />
    </>
  );
}

function Data() {
  const t = useT();
  const [sort, setSort] = useState<Sort>({ key: 'score', descending: false });
  const columns: readonly Column<SampleRow>[] = [
    { key: 'service', title: t('wall.services'), cell: (row) => row.service, sortable: true },
    {
      key: 'score',
      title: t('styleguide.states'),
      cell: (row) => <Score score={row.score} size="small" />,
      sortable: true,
    },
    { key: 'requests', title: t('wall.rate'), cell: (row) => row.requests, numeric: true, sortable: true },
  ];
  const sign = sort.descending ? -1 : 1;
  const rows = [...SAMPLE_ROWS].sort((a, b) => {
    if (sort.key === 'service') return sign * a.service.localeCompare(b.service);
    if (sort.key === 'requests') return sign * (a.requests - b.requests);
    return sign * ((a.score ?? -1) - (b.score ?? -1));
  });
  return (
    <Specimen title={t('styleguide.data')}>
      <div className={styles.wide}>
        <Table
          caption={t('wall.services')}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.service}
          sort={sort}
          onSort={setSort}
        />
      </div>
      <Legend
        items={SERIES_TOKENS.map((token) => ({
          key: token,
          label: token,
          colour: `var(--${token})`,
          value: '12 ms',
        }))}
      />
    </Specimen>
  );
}
