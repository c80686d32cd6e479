import { formatUnit, rowCells } from '@watchroom/chart-data';
import { Heatmap } from '../charts/index.ts';
import { EmptyState, Loading } from '../components/index.ts';
import { useRootSize } from '../design/root-size.ts';
import { useSize } from '../hooks/use-size.ts';
import { useT } from '../i18n/i18n.tsx';
import { busiest, columnNames } from './cells.ts';
import styles from './panels.module.css';
import { QueryProblem } from './QueryChart.tsx';
import { cellMs, type ResolvedRange, withStep } from './range.ts';
import { saturationQuery } from './service-queries.ts';
import { useCells } from './use-cells.ts';

export interface SaturationHeatmapProps {
  readonly service: string;
  readonly range: ResolvedRange;
  readonly intervalMs: number;
  /** Without the rows' names. */
  readonly compact?: boolean;
  /** Undefined: the worst of all. */
  readonly resource: string | undefined;
}

const DOMAIN = [0, 1] as const;
const ROW_REM = 0.875;
const AROUND_REM = 3.25;
const percent = (value: number): string => formatUnit(Math.round(value * 1000) / 1000, 'ratio');

/** Highest resource use by instance and time. */
export function SaturationHeatmap({
  service,
  range,
  intervalMs,
  resource,
  compact = false,
}: SaturationHeatmapProps) {
  const t = useT();
  const rem = useRootSize();
  const [ref, size] = useSize();
  const stepMs = cellMs(range, intervalMs);
  const cells = useCells(saturationQuery(service, resource, stepMs), withStep(range, stepMs));
  const most = Math.max(1, Math.floor((size.height - AROUND_REM * rem) / (ROW_REM * rem)));
  const { rows, left } = busiest(cells.series, most);
  return (
    <div ref={ref} className={styles.chart}>
      {cells.status === 'error' && <QueryProblem detail={cells.error} />}
      {cells.status === 'loading' && <Loading />}
      {cells.status === 'ready' && rows.length === 0 && <EmptyState title={t('chart.noData')} />}
      {rows.length > 0 && (
        <Heatmap
          grid={rowCells(
            rows.map(({ values }) => values),
            cells.timesMs.length,
          )}
          rowNames={rows.map(({ labels }) => labels['instance'] ?? '')}
          columnNames={columnNames(cells.timesMs, stepMs)}
          domain={DOMAIN}
          scale="heat"
          format={percent}
          label={t('service.saturation')}
          openColumn={cells.open}
          rowLabels={!compact}
          note={left > 0 ? t('wall.heatmap.more', { n: left }) : undefined}
        />
      )}
    </div>
  );
}
