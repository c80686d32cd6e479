import { formatUnit } from '@watchroom/chart-data';
import { formatDuration } from '@watchroom/model';
import { Link } from 'react-router';
import { type Column, Loading, Panel, StateMark, Table } from '../../components/index.ts';
import { stateOfScore } from '../../design/state.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { QueryProblem } from '../../panels/QueryChart.tsx';
import type { ResolvedRange } from '../../panels/range.ts';
import { dependencyWindowMs } from '../../panels/service-charts.tsx';
import { dependencyQueries, type Side } from '../../panels/service-queries.ts';
import { useVector } from '../../panels/use-vector.ts';
import { type Dependency, joinDependencies } from './join-dependencies.ts';
import styles from './Service.module.css';

export interface DependenciesProps {
  readonly service: string;
  readonly range: ResolvedRange;
  readonly intervalMs: number;
  readonly className?: string | undefined;
}

/** Who calls this service and whom it calls, as the callers counted it. */
export function Dependencies({ service, range, intervalMs, className }: DependenciesProps) {
  const { t } = useI18n();
  const windowMs = dependencyWindowMs(range, intervalMs);
  const scores = useVector('watchroom:health:score', range);
  const byService = new Map(scores.samples.map(({ labels, value }) => [labels['service'] ?? '', value]));
  return (
    <Panel
      title={t('deps.title')}
      className={className ?? ''}
      actions={<span className={styles.note}>{t('deps.over', { window: formatDuration(windowMs) })}</span>}
    >
      <div className={styles.sides}>
        {(['callers', 'callees'] as const).map((side) => (
          <OneSide
            key={side}
            side={side}
            service={service}
            range={range}
            windowMs={windowMs}
            scores={byService}
          />
        ))}
      </div>
    </Panel>
  );
}

function OneSide({
  side,
  service,
  range,
  windowMs,
  scores,
}: {
  side: Side;
  service: string;
  range: ResolvedRange;
  windowMs: number;
  scores: ReadonlyMap<string, number>;
}) {
  const { t, locale } = useI18n();
  const queries = dependencyQueries(service, side, windowMs);
  const rate = useVector(queries.rate, range);
  const errors = useVector(queries.errors, range);
  const p99 = useVector(queries.p99, range);
  const title = t(side === 'callers' ? 'deps.callers' : 'deps.callees');
  if (rate.status === 'error') return <QueryProblem detail={rate.error} />;
  if (rate.status === 'loading') return <Loading />;
  const rows = joinDependencies(queries.label, { rate, errors, p99 });
  const columns: readonly Column<Dependency>[] = [
    {
      key: 'service',
      title,
      cell: (row) => (
        <span className={styles.peer}>
          <StateMark state={stateOfScore(scores.get(row.name))} short />
          <Link to={`/d/service/${encodeURIComponent(row.name)}`} title={row.name}>
            {row.name}
          </Link>
        </span>
      ),
    },
    {
      key: 'rate',
      title: t('deps.rate'),
      numeric: true,
      cell: (row) => formatUnit(row.rate, 'perSecond', locale),
    },
    {
      key: 'errors',
      title: t('deps.errors'),
      numeric: true,
      cell: (row) => formatUnit(row.errors, 'ratio', locale),
    },
    {
      key: 'p99',
      title: t('deps.p99'),
      numeric: true,
      cell: (row) => formatUnit(row.p99, 'seconds', locale),
    },
  ];
  return (
    <Table
      caption={title}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.name}
      empty={
        <p className={styles.none}>{t(side === 'callers' ? 'deps.callers.none' : 'deps.callees.none')}</p>
      }
    />
  );
}
