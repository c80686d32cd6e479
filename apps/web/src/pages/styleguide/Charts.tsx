import { formatUnit, rowCells } from '@watchroom/chart-data';
import { useMemo, useState } from 'react';
import { Heatmap, HistoryChart, LiveChart, PERCENTILE_COLOURS, type Threshold } from '../../charts/index.ts';
import { useRootSize } from '../../design/root-size.ts';
import { STATES } from '../../design/state.ts';
import { useT } from '../../i18n/i18n.tsx';
import { Tile } from '../wall/Tile.tsx';
import { NO_SIGNALS, type TileModel } from '../wall/tile-model.ts';
import type { Density } from '../wall/wall-layout.ts';
import { Specimen } from './Specimen.tsx';
import styles from './Styleguide.module.css';
import { sampleQuery } from './sample-query.ts';

const nameOf = (labels: Readonly<Record<string, string>>): string => labels['name'] ?? '';
const colourOf = (name: string): string | undefined => PERCENTILE_COLOURS[name.toLowerCase()];
const THRESHOLDS: readonly Threshold[] = [{ value: 1, state: 'critical' }];
const LATENCIES = [
  { labels: { name: 'P50' }, base: 0.12, swing: 0.03 },
  { labels: { name: 'P90' }, base: 0.4, swing: 0.1 },
  { labels: { name: 'P99' }, base: 0.7, swing: 0.25 },
];
const SCORES = STATES.map((service, i) => ({ labels: { service }, base: 90 - i * 15, swing: 6 }));
const HEAT_ROWS = ['order :9101', 'order :9102', 'payment :9105'];
const HEAT_COLUMNS = ['12:00', '12:05', '12:10', '12:15', '12:20', '12:25'];
const HEAT = rowCells(
  [
    [0.1, 0.2, 0.35, 0.5, 0.7, 0.95],
    [0.2, Number.NaN, Number.NaN, 0.3, 0.25, 0.2],
    [0, 0.05, 0.1, 0.6, 0.8, 1],
  ],
  6,
);
const DOMAIN = [0, 1] as const;
const TILE_SIZES: readonly { density: Density; width: number; height: number }[] = [
  { density: 'large', width: 20, height: 11 },
  { density: 'medium', width: 13, height: 7 },
  { density: 'compact', width: 9, height: 4.25 },
  { density: 'micro', width: 5.5, height: 2.75 },
];

export function Charts() {
  const t = useT();
  const [nowMs] = useState(() => Date.now());
  const latency = useMemo(() => sampleQuery(nowMs, LATENCIES), [nowMs]);
  const nothing = useMemo(() => sampleQuery(nowMs, []), [nowMs]);
  const history = useMemo(
    () => latency.window.series.map((series) => ({ name: nameOf(series.labels), values: series.values })),
    [latency],
  );
  const times = latency.window.times;
  const label = t('wall.latency', { service: 'order' });
  return (
    <Specimen title={t('styleguide.charts')}>
      <div className={styles.chart}>
        <LiveChart
          query={latency}
          unit="seconds"
          label={label}
          nameOf={nameOf}
          colourOf={colourOf}
          thresholds={THRESHOLDS}
        />
      </div>
      <div className={styles.chart}>
        <LiveChart query={nothing} unit="seconds" label={label} nameOf={nameOf} />
      </div>
      <div className={styles.chart}>
        <HistoryChart
          times={times}
          series={history}
          fromMs={latency.window.fromMs}
          toMs={latency.window.toMs}
          unit="seconds"
          label={label}
        />
      </div>
      <div className={styles.chart}>
        <Heatmap
          grid={HEAT}
          rowNames={HEAT_ROWS}
          columnNames={HEAT_COLUMNS}
          domain={DOMAIN}
          scale="heat"
          format={(value) => formatUnit(value, 'ratio')}
          label={t('wall.heatmap')}
          openColumn
        />
      </div>
    </Specimen>
  );
}

/** A tile of each layout in each state, and one that is marked late beside its state. */
export function Tiles() {
  const t = useT();
  const rem = useRootSize();
  const [nowMs] = useState(() => Date.now());
  const scores = useMemo(() => sampleQuery(nowMs, SCORES), [nowMs]);
  const tiles = STATES.map<TileModel>((state, i) => ({
    ...NO_SIGNALS,
    service: i === 4 ? 'recommendation-feature-store' : state,
    cluster: undefined,
    state,
    score: state === 'unknown' ? undefined : [98, 64, 12, 0, 87][i],
    late: state === 'late',
    ageS: state === 'unknown' ? undefined : state === 'late' ? 14 : 0,
    worst: state === 'unknown' ? 'noData' : state === 'healthy' ? undefined : 'saturation',
    saturation: 0.97,
    p50: 0.034,
    p90: 0.21,
    p99: 1.4,
    rate: 128,
    targets: 3,
    down: 0,
  }));
  return (
    <Specimen title={t('styleguide.tiles')}>
      {TILE_SIZES.map(({ density, width, height }) => (
        <div key={density} className={styles.row}>
          {tiles.map((tile) => (
            <div key={tile.state} style={{ width: width * rem, height: height * rem }}>
              <Tile
                tile={tile}
                density={density}
                width={width * rem}
                height={height * rem}
                rem={rem}
                scoreQuery={scores}
              />
            </div>
          ))}
        </div>
      ))}
    </Specimen>
  );
}
