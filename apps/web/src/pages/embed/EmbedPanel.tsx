import { useMemo } from 'react';
import type { Labels } from '../../api/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useLiveQuery, useLiveValues } from '../../live/index.ts';
import { LatencyHeatmap } from '../../panels/LatencyHeatmap.tsx';
import { QueryChart } from '../../panels/QueryChart.tsx';
import { resolveRange } from '../../panels/range.ts';
import { SaturationHeatmap } from '../../panels/SaturationHeatmap.tsx';
import { chartLooks, chartQuery, chartTitle, ServiceChart } from '../../panels/service-charts.tsx';
import { seriesName, tellingLabels } from '../explore/series-names.ts';
import { useServiceFacts } from '../service/use-service.ts';
import { EmbedFrame } from './EmbedFrame.tsx';
import type { EmbedRoute } from './embed-route.ts';
import { LastValue } from './LastValue.tsx';
import { isNarrow, isSmall, legendFits } from './room.ts';

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
        if (panel === 'heatmap' && isSmall(room)) {
          const looks = {
            query: chartQuery('latency', { service, range, intervalMs }),
            ...chartLooks('latency'),
          };
          return <LastValue {...looks} range={range} room={room} />;
        }
        if (panel === 'heatmap') {
          return (
            <LatencyHeatmap
              service={service}
              range={range}
              intervalMs={intervalMs}
              compact={isNarrow(room)}
            />
          );
        }
        if (panel === 'saturation') {
          return (
            <SaturationHeatmap
              service={service}
              range={range}
              intervalMs={intervalMs}
              resource={resource}
              compact={isNarrow(room)}
            />
          );
        }
        if (isSmall(room)) {
          const looks = { query: chartQuery(panel, { service, range, intervalMs }), ...chartLooks(panel) };
          return <LastValue {...looks} isScore={panel === 'score'} range={range} room={room} />;
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
  const { names, count } = useTellingLabels(query, range);
  const nameOf = useMemo(() => (labels: Labels) => seriesName(labels, names.split('\n')), [names]);
  return (
    <EmbedFrame title={title}>
      {(room) =>
        isSmall(room) ? (
          <LastValue query={query} nameOf={nameOf} unit={unit} range={range} room={room} />
        ) : (
          <QueryChart
            query={query}
            range={range}
            unit={unit}
            label={title}
            nameOf={nameOf}
            legend={legendFits(room, count)}
          />
        )
      }
    </EmbedFrame>
  );
}

/** The labels by which the series differ, joined: stable until they change. */
function useTellingLabels(
  query: string,
  range: ReturnType<typeof liveRange>,
): { names: string; count: number } {
  const live = useLiveQuery(
    range.kind === 'live'
      ? { query, windowMs: range.windowMs, stepMs: range.stepMs, head: 'now' }
      : undefined,
  );
  useLiveValues(live);
  const labels = live?.window.series.map((series) => series.labels) ?? [];
  return { names: tellingLabels(labels).join('\n'), count: labels.length };
}
