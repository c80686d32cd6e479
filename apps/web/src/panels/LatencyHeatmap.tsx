import { formatUnit } from '@watchroom/chart-data';
import { Heatmap } from '../charts/index.ts';
import { EmptyState, Loading } from '../components/index.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { columnNames, latencyCells } from './cells.ts';
import { QueryProblem } from './QueryChart.tsx';
import { cellMs, type ResolvedRange, withStep } from './range.ts';
import { bucketsQuery } from './service-queries.ts';
import { useCells } from './use-cells.ts';

export interface LatencyHeatmapProps {
  readonly service: string;
  readonly range: ResolvedRange;
  readonly intervalMs: number;
  /** Without the rows' names. */
  readonly compact?: boolean;
}

/** Requests by latency bucket and time. */
export function LatencyHeatmap({ service, range, intervalMs, compact = false }: LatencyHeatmapProps) {
  const { t, locale } = useI18n();
  const stepMs = cellMs(range, intervalMs);
  const cells = useCells(bucketsQuery(service, stepMs), withStep(range, stepMs));
  if (cells.status === 'error') return <QueryProblem detail={cells.error} />;
  if (cells.status === 'loading') return <Loading />;
  const { grid, names, domain } = latencyCells(cells);
  if (grid.rows === 0) return <EmptyState title={t('chart.noData')} />;
  return (
    <Heatmap
      grid={grid}
      rowNames={names}
      columnNames={columnNames(cells.timesMs, stepMs)}
      domain={domain}
      scale="latency"
      format={(root) => formatUnit(Math.round(root * root), 'count', locale)}
      label={t('service.heatmap')}
      openColumn={cells.open}
      rowLabels={!compact}
    />
  );
}
