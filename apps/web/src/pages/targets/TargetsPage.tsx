import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchTargets, type Target, type Targets } from '../../api/index.ts';
import {
  Banner,
  EmptyState,
  ErrorState,
  Field,
  Loading,
  Segmented,
  StateShape,
} from '../../components/index.ts';
import { usePageTitle } from '../../hooks/use-page-title.ts';
import { type UrlText, useUrlParameters, useUrlText, withParameter } from '../../hooks/use-url-state.ts';
import { useT } from '../../i18n/i18n.tsx';
import { DroppedTable } from './DroppedTable.tsx';
import { RelabelDrawer } from './RelabelDrawer.tsx';
import styles from './Targets.module.css';
import { TargetTable } from './TargetTable.tsx';
import { filterDropped, filterTargets, poolsOf, type TargetFilter } from './target-rows.ts';

const REFRESH_MS = 5000;

/** Every target: whether it is up, its last error, its last scrape, and how its labels came about. */
export function TargetsPage() {
  const t = useT();
  usePageTitle(t('targets.title'));
  const answer = useQuery({
    queryKey: ['targets'],
    queryFn: ({ signal }) => fetchTargets(signal),
    refetchInterval: REFRESH_MS,
  });
  return (
    <div className={styles.page}>
      <h1>{t('targets.title')}</h1>
      {answer.data && answer.error && (
        <Banner state="late" detail={answer.error.message}>
          {t('targets.old')}
        </Banner>
      )}
      {answer.data ? (
        <Content targets={answer.data} />
      ) : answer.error ? (
        <ErrorState
          title={t('targets.failed')}
          detail={answer.error.message}
          onRetry={() => void answer.refetch()}
        />
      ) : (
        <Loading />
      )}
    </div>
  );
}

type View = 'active' | 'dropped';

/** Filters in the URL: `?pool=&q=&unhealthy=1&view=dropped`. */
function useFilter() {
  const { parameters, change } = useUrlParameters();
  const text = useUrlText('q');
  const filter: TargetFilter & UrlText & { readonly view: View } = {
    ...text,
    pool: parameters.get('pool') ?? undefined,
    unhealthy: parameters.get('unhealthy') === '1',
    view: parameters.get('view') === 'dropped' ? 'dropped' : 'active',
  };
  const set = (name: 'pool' | 'unhealthy' | 'view', value: string | undefined) =>
    change((newest) => withParameter(newest, name, value));
  return { filter, set };
}

function Content({ targets }: { targets: Targets }) {
  const t = useT();
  const { filter, set } = useFilter();
  const [chosen, choose] = useState<Target | undefined>();
  const { activeTargets, droppedTargets, droppedTargetCounts } = targets;
  const active = filterTargets(activeTargets, filter);
  const dropped = filterDropped(droppedTargets, filter);
  const allDropped = Object.values(droppedTargetCounts).reduce((sum, count) => sum + count, 0);
  if (activeTargets.length === 0 && allDropped === 0) return <NoTargets />;
  return (
    <>
      <Pools targets={activeTargets} chosen={filter.pool} onChoose={(pool) => set('pool', pool)} />
      <div className={styles.filters}>
        <Field
          label={t('targets.filter')}
          placeholder={t('targets.filter.placeholder')}
          type="search"
          value={filter.typed}
          onChange={(event) => filter.setText(event.target.value)}
        />
        <Segmented<View>
          label={t('targets.view')}
          value={filter.view}
          onChange={(view) => set('view', view === 'active' ? undefined : view)}
          options={[
            { value: 'active', label: `${t('targets.active')} ${activeTargets.length}` },
            { value: 'dropped', label: `${t('targets.dropped')} ${allDropped}` },
          ]}
        />
        {filter.view === 'active' && (
          <label className={styles.check}>
            <input
              type="checkbox"
              checked={filter.unhealthy}
              onChange={(event) => set('unhealthy', event.target.checked ? '1' : undefined)}
            />
            {t('targets.unhealthy')}
          </label>
        )}
      </div>
      {filter.view === 'active' ? (
        <TargetTable targets={active} onDetails={choose} />
      ) : (
        <DroppedTable targets={dropped} more={allDropped - droppedTargets.length} />
      )}
      <RelabelDrawer target={chosen} onClose={() => choose(undefined)} />
    </>
  );
}

function Pools({
  targets,
  chosen,
  onChoose,
}: {
  targets: readonly Target[];
  chosen: string | undefined;
  onChoose: (pool: string | undefined) => void;
}) {
  const t = useT();
  const pools = poolsOf(targets);
  const up = pools.reduce((sum, pool) => sum + pool.up, 0);
  const all = [{ name: undefined, up, total: targets.length }, ...pools];
  return (
    <section aria-label={t('targets.pools')} className={styles.pools}>
      {all.map((pool) => (
        <button
          key={pool.name ?? ''}
          type="button"
          className={styles.pool}
          aria-pressed={pool.name === chosen}
          onClick={() => onChoose(pool.name)}
        >
          <StateShape state={pool.up === pool.total ? 'healthy' : pool.up === 0 ? 'critical' : 'warning'} />
          <span className={styles.poolName}>{pool.name ?? t('targets.pool.all')}</span>
          <span className={styles.quiet}>{t('targets.pool.count', { up: pool.up, total: pool.total })}</span>
        </button>
      ))}
    </section>
  );
}

const EXAMPLE = `scrape_configs:
  - job_name: shop
    static_configs:
      - targets: ['127.0.0.1:9100']
        labels: {service: order}`;

function NoTargets() {
  const t = useT();
  return (
    <EmptyState icon="server" title={t('targets.none.title')}>
      <p>{t('targets.none.body')}</p>
      <pre className={styles.example}>{EXAMPLE}</pre>
    </EmptyState>
  );
}
