import { formatUnit } from '@watchroom/chart-data';
import { useState } from 'react';
import { Heatmap } from '../../charts/Heatmap.tsx';
import { Panel, Select } from '../../components/index.ts';
import { useRootSize } from '../../design/root-size.ts';
import { useSize } from '../../hooks/use-size.ts';
import type { MessageKey } from '../../i18n/en.ts';
import { formatClock } from '../../i18n/format.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useLiveQuery, useLiveValues } from '../../live/index.ts';
import { RESOURCES, type Resource, resourceCells } from './queries.ts';
import { resourceGrid } from './resource-grid.ts';
import styles from './Wall.module.css';

const KEYS: Readonly<Record<Resource, MessageKey>> = {
  max: 'wall.resource.max',
  cpu: 'wall.resource.cpu',
  memory: 'wall.resource.memory',
  disk: 'wall.resource.disk',
  pool: 'wall.resource.pool',
  connections: 'wall.resource.connections',
  queue: 'wall.resource.queue',
};
const WINDOW_MS = 3 * 3_600_000;
const ROW = 0.8;
const COLUMN = 0.5;
/** Axis, legend and row names around the cells, in rem. */
const AROUND = { width: 8, height: 3.25 };
const DOMAIN = [0, 1] as const;
const percent = (value: number): string => formatUnit(Math.round(value * 100) / 100, 'ratio');

/** Instance × five-minute cell, the highest use within the cell; the last cell is live. */
export function ResourcePanel({ className }: { className?: string | undefined }) {
  const t = useT();
  const rem = useRootSize();
  const [ref, size] = useSize();
  const [resource, setResource] = useState<Resource>('max');
  const query = useLiveQuery(resourceCells(resource, WINDOW_MS));
  useLiveValues(query);
  const rows = Math.max(1, Math.floor((size.height - AROUND.height * rem) / (ROW * rem)));
  const columns = Math.max(1, Math.floor((size.width - AROUND.width * rem) / (COLUMN * rem)));
  const { grid, names, timesMs, open, left } = resourceGrid(query.window, rows, columns);
  return (
    <Panel
      title={t('wall.heatmap')}
      className={className}
      actions={
        <Select
          size="small"
          label={t('wall.resource')}
          value={resource}
          onChange={setResource}
          options={RESOURCES.map((value) => ({ value, label: t(KEYS[value]) }))}
        />
      }
    >
      <div ref={ref} className={styles.heatBox}>
        {grid.rows === 0 ? (
          <p className={styles.quiet}>{t(query.status === 'error' ? 'chart.problem' : 'chart.noData')}</p>
        ) : (
          <Heatmap
            grid={grid}
            rowNames={names}
            columnNames={timesMs.map((timeMs) => formatClock(timeMs).slice(0, 5))}
            domain={DOMAIN}
            scale="heat"
            format={percent}
            label={t('wall.heatmap')}
            openColumn={open}
            note={left > 0 ? t('wall.heatmap.more', { n: left }) : undefined}
          />
        )}
      </div>
    </Panel>
  );
}
