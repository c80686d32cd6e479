import { formatUnit } from '@watchroom/chart-data';
import { useMemo } from 'react';
import { LiveChart, PERCENTILE_COLOURS } from '../../charts/index.ts';
import { Panel, StateMark } from '../../components/index.ts';
import { useI18n, useT } from '../../i18n/i18n.tsx';
import { useLiveQuery } from '../../live/index.ts';
import { latencyOf, trafficOf } from './queries.ts';
import type { TileModel } from './tile-model.ts';
import styles from './Wall.module.css';

export interface ServiceStripProps {
  /** Sickest first. */
  readonly tiles: readonly TileModel[];
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  readonly rem: number;
}

const PANEL_WIDTH = 21;
const TWO_ROWS_FROM = 22;
const MOST = 6;

/** Percentiles and traffic of the sickest services, as many as there is room for. */
export function ServiceStrip({ tiles, width, height, gap, rem }: ServiceStripProps) {
  const t = useT();
  const twoRows = height >= TWO_ROWS_FROM * rem;
  const fitting = Math.max(1, Math.min(MOST, Math.floor((width + gap) / (PANEL_WIDTH * rem + gap))));
  // With one row, latency and traffic of a service stand side by side.
  const services = tiles.slice(0, twoRows ? fitting : Math.max(1, Math.floor(fitting / 2)));
  const columns = twoRows ? services.length : services.length * (fitting > 1 ? 2 : 1);
  const latency = services.map((tile) => <LatencyPanel key={`latency ${tile.service}`} tile={tile} />);
  const traffic = services.map((tile) => (
    <TrafficPanel key={`traffic ${tile.service}`} service={tile.service} />
  ));
  const panels = twoRows
    ? [...latency, ...traffic]
    : services.flatMap((_, i) => (fitting > 1 ? [latency[i], traffic[i]] : [latency[i]]));
  return (
    <section
      className={styles.strip}
      aria-label={t('wall.sickest')}
      style={{
        gap,
        height,
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        gridAutoRows: 'minmax(0, 1fr)',
      }}
    >
      {panels}
    </section>
  );
}

const PERCENTILES: Readonly<Record<string, string>> = {
  'svc:latency:p50_2m': 'P50',
  'svc:latency:p90_2m': 'P90',
  'svc:latency:p99_2m': 'P99',
};
const percentileName = (labels: Readonly<Record<string, string>>): string =>
  PERCENTILES[labels['__name__'] ?? ''] ?? '';
const percentileColour = (name: string): string | undefined => PERCENTILE_COLOURS[name.toLowerCase()];
const POINTS = 450;

function LatencyPanel({ tile }: { tile: TileModel }) {
  const { t, locale } = useI18n();
  const query = useLiveQuery(useMemo(() => latencyOf(tile.service, POINTS), [tile.service]));
  const errors = formatUnit(tile.errors ?? Number.NaN, 'ratio', locale);
  return (
    <Panel
      flush
      title={t('wall.latency', { service: tile.service })}
      actions={
        <span className={styles.stripFacts}>
          <span>
            {t('wall.errors')} {errors}
          </span>
          <StateMark state={tile.state} />
        </span>
      }
    >
      <div className={styles.chartBox}>
        <LiveChart
          query={query}
          unit="seconds"
          label={t('wall.latency', { service: tile.service })}
          nameOf={percentileName}
          colourOf={percentileColour}
        />
      </div>
    </Panel>
  );
}

function TrafficPanel({ service }: { service: string }) {
  const t = useT();
  const query = useLiveQuery(useMemo(() => trafficOf(service, POINTS), [service]));
  const name = t('wall.rate');
  const nameOf = useMemo(() => () => name, [name]);
  return (
    <Panel flush title={t('wall.traffic', { service })}>
      <div className={styles.chartBox}>
        <LiveChart
          query={query}
          unit="perSecond"
          label={t('wall.traffic', { service })}
          nameOf={nameOf}
          area
        />
      </div>
    </Panel>
  );
}
