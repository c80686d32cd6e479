import type { UseQueryResult } from '@tanstack/react-query';
import type { HealthExplanation } from '@watchroom/contract';
import { useCallback, useMemo } from 'react';
import { Link } from 'react-router';
import { Icon, Panel, Select, type TimeRangeChoice } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { exploreLink } from '../../panels/explore-link.ts';
import { LatencyHeatmap } from '../../panels/LatencyHeatmap.tsx';
import type { ResolvedRange } from '../../panels/range.ts';
import { useResourceName } from '../../panels/resource-name.ts';
import { SaturationHeatmap } from '../../panels/SaturationHeatmap.tsx';
import {
  chartQuery,
  chartTitle,
  ServiceChart,
  type ServiceChartId,
  useP99Target,
} from '../../panels/service-charts.tsx';
import { resourcesQuery } from '../../panels/service-queries.ts';
import { useVector } from '../../panels/use-vector.ts';
import { Dependencies } from './Dependencies.tsx';
import { Explanation } from './Explanation.tsx';
import styles from './Service.module.css';
import { ServiceAlerts } from './ServiceAlerts.tsx';
import { hiddenOf, type ServiceState, toggled } from './service-state.ts';

export interface ServiceChartsProps {
  readonly service: string;
  readonly range: ResolvedRange;
  readonly choice: TimeRangeChoice;
  readonly intervalMs: number;
  readonly explanation: UseQueryResult<HealthExplanation>;
  readonly state: ServiceState;
  readonly setState: (change: Partial<ServiceState>) => void;
}

export function ServiceCharts(props: ServiceChartsProps) {
  const { service, range, intervalMs, choice } = props;
  const t = useT();
  const target = useP99Target(service, range);
  return (
    <div className={styles.grid}>
      <Explanation answer={props.explanation} range={choice} className={styles.explain} />
      <ServiceAlerts service={service} className={styles.alerts} />
      <ChartPanel id="score" {...props} />
      <ChartPanel id="traffic" {...props} />
      <ChartPanel
        id="latency"
        {...props}
        note={target === undefined ? undefined : t('service.latency.target', { target })}
      />
      <ChartPanel id="errors" {...props} />
      <Panel title={t('service.heatmap')} className={styles.heatmap ?? ''}>
        <div className={styles.chart}>
          <LatencyHeatmap service={service} range={range} intervalMs={intervalMs} />
        </div>
      </Panel>
      <Saturation {...props} />
      <Dependencies service={service} range={range} intervalMs={intervalMs} className={styles.deps} />
      <ChartPanel id="memory" {...props} />
      <ChartPanel id="cpu" {...props} />
      <ChartPanel id="gc" {...props} />
    </div>
  );
}

function ChartPanel({
  id,
  note,
  ...props
}: ServiceChartsProps & { id: ServiceChartId; note?: string | undefined }) {
  const { service, range, intervalMs, state, setState, choice } = props;
  const t = useT();
  const hidden = useMemo(() => hiddenOf(state.hidden, id), [state.hidden, id]);
  const onToggle = useCallback(
    (name: string) => setState({ hidden: toggled(state.hidden, `${id}.${name}`) }),
    [state.hidden, setState, id],
  );
  return (
    <Panel
      title={t(chartTitle(id))}
      className={styles[id] ?? ''}
      actions={
        <>
          {note && <span className={styles.note}>{note}</span>}
          <Link
            className={styles.explore}
            to={exploreLink(chartQuery(id, { service, range, intervalMs }), choice)}
            aria-label={`${t(chartTitle(id))}: ${t('promql.explore')}`}
            title={t('promql.explore')}
          >
            <Icon name="search" />
          </Link>
        </>
      }
    >
      <div className={styles.chart}>
        <ServiceChart
          id={id}
          service={service}
          range={range}
          intervalMs={intervalMs}
          hidden={hidden}
          onToggle={onToggle}
        />
      </div>
    </Panel>
  );
}

const WORST = '';

function Saturation({ service, range, intervalMs, state, setState }: ServiceChartsProps) {
  const t = useT();
  const nameOf = useResourceName();
  const { samples } = useVector(resourcesQuery(service), range);
  const found = samples.flatMap(({ labels }) => labels['resource'] ?? []);
  const resources = [...new Set([...found, ...(state.resource ? [state.resource] : [])])].sort();
  return (
    <Panel
      title={t('service.saturation')}
      className={styles.saturation ?? ''}
      actions={
        <Select
          size="small"
          label={t('service.resource')}
          value={state.resource ?? WORST}
          onChange={(value) => setState({ resource: value === WORST ? undefined : value })}
          options={[
            { value: WORST, label: t('service.resource.worst') },
            ...resources.map((value) => ({ value, label: nameOf(value) })),
          ]}
        />
      }
    >
      <div className={styles.chart}>
        <SaturationHeatmap
          service={service}
          range={range}
          intervalMs={intervalMs}
          resource={state.resource}
        />
      </div>
    </Panel>
  );
}
