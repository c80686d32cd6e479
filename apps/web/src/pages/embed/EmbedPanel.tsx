import { useMemo } from 'react';
import type { Labels } from '../../api/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useLiveQuery, useLiveValues } from '../../live/index.ts';
import { LatencyHeatmap } from '../../panels/LatencyHeatmap.tsx';
import { QueryChart } from '../../panels/QueryChart.tsx';
import { resolveRange } from '../../panels/range.ts';
import { SaturationHeatmap } from '../../panels/SaturationHeatmap.tsx';
import { chartTitle, ServiceChart } from '../../panels/service-charts.tsx';
import { seriesName, tellingLabels } from '../explore/series-names.ts';
import { useServiceFacts } from '../service/use-service.ts';
import { EmbedFrame } from './EmbedFrame.tsx';
import type { EmbedRoute } from './embed-route.ts';
import { LastValue } from './LastValue.tsx';
import { isSmall } from './room.ts';

type Of<K extends EmbedRoute['kind']> = Extract<EmbedRoute, { kind: K }>;

const liveRange = (windowMs: number) => resolveRange({ kind: 'live', windowMs }, undefined)!;

/** A legend takes two lines. */
const LEGEND_FROM_PX = 200;

export function EmbedPanel({ service, panel, windowMs, resource }: Of<'panel'>) {
  const t = useT();
  const facts = useServiceFacts(service);
  const range = useMemo(() => liveRange(windowMs), [windowMs]);
  const { intervalMs, tile } = facts;
  const lateMs = tile?.late && tile.ageS !== undefined ? tile.ageS * 1000 : undefined;
  const name =
    panel === 'heatmap'
      ? t('service.heatmap')
      : panel === 'saturation'
        ? t('service.saturation')
        : t(chartTitle(panel));
  const title = `${service} · ${name}`;
  return (
    <EmbedFrame title={title} lateMs={lateMs}>
      {(room) => {
        if (panel === 'heatmap') {
          return <LatencyHeatmap service={service} range={range} intervalMs={intervalMs} />;
        }
        if (panel === 'saturation') {
          return (
            <SaturationHeatmap service={service} range={range} intervalMs={intervalMs} resource={resource} />
          );
        }
        if (isSmall(room)) {
          return <LastValue id={panel} service={service} range={range} intervalMs={intervalMs} room={room} />;
        }
        return (
          <ServiceChart
            id={panel}
            service={service}
            range={range}
            intervalMs={intervalMs}
            legend={panel !== 'score' && room.height >= LEGEND_FROM_PX}
          />
        );
      }}
    </EmbedFrame>
  );
}

export function EmbedQuery({ query, title, unit, windowMs }: Of<'query'>) {
  const range = useMemo(() => liveRange(windowMs), [windowMs]);
  const names = useTellingLabels(query, range);
  const nameOf = useMemo(() => (labels: Labels) => seriesName(labels, names.split('\n')), [names]);
  return (
    <EmbedFrame title={title}>
      {(room) => (
        <QueryChart
          query={query}
          range={range}
          unit={unit}
          label={title}
          nameOf={nameOf}
          legend={room.height >= LEGEND_FROM_PX}
        />
      )}
    </EmbedFrame>
  );
}

/** The labels by which the series differ, joined: stable until they change. */
function useTellingLabels(query: string, range: ReturnType<typeof liveRange>): string {
  const live = useLiveQuery(
    range.kind === 'live'
      ? { query, windowMs: range.windowMs, stepMs: range.stepMs, head: 'now' }
      : undefined,
  );
  useLiveValues(live);
  return tellingLabels(live?.window.series.map(({ labels }) => labels) ?? []).join('\n');
}
