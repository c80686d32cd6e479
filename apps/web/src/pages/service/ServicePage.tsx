import { Link, useParams } from 'react-router';
import { Banner, EmptyState, Loading, TimeRangePicker } from '../../components/index.ts';
import { usePageTitle } from '../../hooks/use-page-title.ts';
import { useUrlState } from '../../hooks/use-url-state.ts';
import { formatAge, formatDateTime } from '../../i18n/format.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useServerNow } from '../../live/index.ts';
import { endMs } from '../../panels/range.ts';
import { useResolvedRange } from '../../panels/use-range.ts';
import styles from './Service.module.css';
import { ServiceCharts } from './ServiceCharts.tsx';
import { ServiceHeader } from './ServiceHeader.tsx';
import { readServiceState, type ServiceState, writeServiceState } from './service-state.ts';
import { type ServiceFacts, useExplanation, useServiceFacts } from './use-service.ts';

/** All that an SRE asks about one service. The URL carries the range, the resource and the hidden series. */
export function ServicePage() {
  const { name = '' } = useParams();
  usePageTitle(name);
  const { state, setState } = useUrlState(readServiceState, writeServiceState);
  const facts = useServiceFacts(name);
  return (
    <div className={styles.page}>
      <Header service={name} facts={facts} state={state} setState={setState} />
      <Content service={name} facts={facts} state={state} setState={setState} />
    </div>
  );
}

interface PartProps {
  readonly service: string;
  readonly facts: ServiceFacts;
  readonly state: ServiceState;
  readonly setState: (change: Partial<ServiceState>) => void;
}

function Header({ service, facts, state, setState }: PartProps) {
  const nowMs = useServerNow(60_000) ?? Date.now();
  return (
    <ServiceHeader service={service} facts={facts}>
      <TimeRangePicker value={state.range} nowMs={nowMs} onChange={(range) => setState({ range })} />
    </ServiceHeader>
  );
}

function Content({ service, facts, state, setState }: PartProps) {
  const t = useT();
  const range = useResolvedRange(state.range);
  if (!range || facts.status === 'loading') return <Loading label={t('service.loading', { service })} />;
  return <Known service={service} facts={facts} state={state} setState={setState} range={range} />;
}

function Known({
  service,
  facts,
  state,
  setState,
  range,
}: PartProps & { range: NonNullable<ReturnType<typeof useResolvedRange>> }) {
  const t = useT();
  const explanation = useExplanation(service, range);
  const atMs = endMs(range);
  const { tile } = facts;
  if (!tile && explanation.isPending) return <Loading label={t('service.loading', { service })} />;
  if (!tile && explanation.data?.unknown === 'no_service') {
    return <Unknown service={service} names={facts.names} />;
  }
  return (
    <>
      {tile?.late && tile.ageS !== undefined && (
        <Banner state="late">{t('service.late', { service, age: formatAge(t, tile.ageS * 1000) })}</Banner>
      )}
      {atMs !== undefined && <p className={styles.asOf}>{t('service.at', { time: formatDateTime(atMs) })}</p>}
      <ServiceCharts
        service={service}
        range={range}
        choice={state.range}
        intervalMs={facts.intervalMs}
        explanation={explanation}
        state={state}
        setState={setState}
      />
    </>
  );
}

function Unknown({ service, names }: { service: string; names: readonly string[] }) {
  const t = useT();
  return (
    <EmptyState
      title={t('service.gone.title', { service })}
      actions={<Link to="/">{t('app.backToWall')}</Link>}
    >
      <p>{t(names.length === 0 ? 'service.gone.none' : 'service.gone.body')}</p>
      <ul className={styles.names}>
        {names.map((name) => (
          <li key={name}>
            <Link to={`/d/service/${encodeURIComponent(name)}`}>{name}</Link>
          </li>
        ))}
      </ul>
    </EmptyState>
  );
}
