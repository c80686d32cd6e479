import { lazy, Suspense, useMemo } from 'react';
import { Link } from 'react-router';
import { useReloadOnBuild } from '../../app/use-reload-on-build.ts';
import { EmptyState, ErrorState, Loading } from '../../components/index.ts';
import { useRootSize, useScreenScale } from '../../design/root-size.ts';
import { useSize } from '../../hooks/use-size.ts';
import { useT } from '../../i18n/i18n.tsx';
import { Foot } from './Foot.tsx';
import { Rail } from './Rail.tsx';
import { Tile } from './Tile.tsx';
import { tileNames } from './tile-names.ts';
import { useWallData, type WallData } from './use-wall-data.ts';
import styles from './Wall.module.css';
import { WallHeading } from './WallHeading.tsx';
import { wallLayout } from './wall-layout.ts';

/** Recharts comes with it: tiles need not wait for that. */
const ServiceStrip = lazy(async () => ({ default: (await import('./ServiceStrip.tsx')).ServiceStrip }));

export function WallPage() {
  useScreenScale();
  useReloadOnBuild();
  const t = useT();
  const data = useWallData();
  if (data.status === 'error') return <ErrorState title={t('chart.problem')} detail={data.error} />;
  if (data.status === 'loading') return <Loading label={t('wall.loading')} />;
  return (
    <div className={styles.wall}>
      <WallHeading tiles={data.tiles} />
      <WallBody data={data} />
    </div>
  );
}

function WallBody({ data }: { data: WallData }) {
  const t = useT();
  const rem = useRootSize();
  const [ref, size] = useSize();
  const { tiles, scoreQuery } = data;
  const layout = wallLayout({ ...size, count: tiles.length, rem });
  const { grid, gap } = layout;
  const services = tiles
    .map(({ service }) => service)
    .sort()
    .join('\n');
  const { density, tileWidth, tileHeight } = grid;
  const names = useMemo(
    () => tileNames(services.split('\n'), { density, tileWidth, tileHeight }, rem),
    [services, density, tileWidth, tileHeight, rem],
  );
  const measured = size.width > 0 && size.height > 0;
  return (
    <div ref={ref} className={styles.body}>
      {measured && (
        <div className={styles.columns} style={{ gap }}>
          <div className={styles.left} style={{ gap, width: layout.gridWidth }}>
            {tiles.length === 0 ? (
              <NoServices height={layout.gridHeight + layout.stripHeight} />
            ) : (
              <ul
                className={styles.grid}
                aria-label={t('wall.services')}
                style={{
                  gap,
                  height: layout.gridHeight,
                  gridTemplateColumns: `repeat(${grid.columns}, ${grid.tileWidth}px)`,
                  gridAutoRows: `${grid.tileHeight}px`,
                }}
              >
                {tiles.map((tile) => (
                  <li key={tile.service}>
                    <Tile
                      tile={tile}
                      density={grid.density}
                      width={grid.tileWidth}
                      height={grid.tileHeight}
                      rem={rem}
                      scoreQuery={scoreQuery}
                      name={names.get(tile.service)}
                    />
                  </li>
                ))}
              </ul>
            )}
            {layout.stripHeight > 0 && tiles.length > 0 && (
              <Suspense fallback={<div style={{ height: layout.stripHeight }} />}>
                <ServiceStrip
                  tiles={tiles}
                  width={layout.gridWidth}
                  height={layout.stripHeight}
                  gap={gap}
                  rem={rem}
                />
              </Suspense>
            )}
            {layout.footHeight > 0 && (
              <Foot width={layout.gridWidth} height={layout.footHeight} gap={gap} rem={rem} />
            )}
          </div>
          {layout.railWidth > 0 && <Rail width={layout.railWidth} gap={gap} />}
        </div>
      )}
    </div>
  );
}

const EXAMPLE = `scrape_configs:
  - job_name: shop
    static_configs:
      - targets: ['127.0.0.1:9100']
        labels: {service: order}`;

function NoServices({ height }: { height: number }) {
  const t = useT();
  return (
    <div style={{ height }}>
      <EmptyState
        icon="server"
        title={t('wall.empty.title')}
        actions={<Link to="/targets">{t('wall.empty.targets')}</Link>}
      >
        <p>{t('wall.empty.body')}</p>
        <pre className={styles.example}>{EXAMPLE}</pre>
      </EmptyState>
    </div>
  );
}
