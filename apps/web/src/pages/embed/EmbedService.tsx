import { useMemo } from 'react';
import { Sparkline } from '../../charts/index.ts';
import { FitText, Loading, StateMark } from '../../components/index.ts';
import { useRootSize } from '../../design/root-size.ts';
import { stateOfScore } from '../../design/state.ts';
import type { Size } from '../../hooks/use-size.ts';
import { formatAge, formatScore } from '../../i18n/format.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useLiveQuery } from '../../live/index.ts';
import { resolveRange } from '../../panels/range.ts';
import { ServiceChart } from '../../panels/service-charts.tsx';
import { scoreQuery } from '../../panels/service-queries.ts';
import { type ServiceFacts, useServiceFacts } from '../service/use-service.ts';
import styles from './Embed.module.css';
import { EmbedFrame } from './EmbedFrame.tsx';

const TREND_MS = 1_800_000;
const CHART_MS = 900_000;
const LEGEND_FROM_PX = 220;

/** One service: name, score, word, age; with room a trend, with more room its latency. */
export function EmbedService({ service }: { service: string }) {
  const facts = useServiceFacts(service);
  const { tile } = facts;
  const lateMs = tile?.late && tile.ageS !== undefined ? tile.ageS * 1000 : undefined;
  return (
    <EmbedFrame title={service} lateMs={lateMs} note={<Targets facts={facts} />}>
      {(room) => <Body service={service} facts={facts} room={room} />}
    </EmbedFrame>
  );
}

function Targets({ facts }: { facts: ServiceFacts }) {
  const t = useT();
  const { fresh } = facts;
  if (!fresh) return null;
  return (
    <span className={styles.quiet}>{t('targets.pool.count', { up: fresh.up, total: fresh.targets })}</span>
  );
}

function Body({ service, facts, room }: { service: string; facts: ServiceFacts; room: Size }) {
  const t = useT();
  const rem = useRootSize();
  if (facts.status === 'loading') return <Loading />;
  const { tile } = facts;
  const named = room.height < 6 * rem;
  const chart = room.height >= 13 * rem && room.width >= 16 * rem;
  const trend = !chart && room.height >= 5 * rem && room.width >= 8 * rem;
  const state = tile?.state ?? stateOfScore(undefined);
  const size = Math.max(
    1.25 * rem,
    Math.min(room.height * (chart ? 0.12 : trend ? 0.3 : 0.45), room.width * 0.22),
  );
  return (
    <div className={styles.service}>
      {named && (
        <FitText
          text={service}
          widthPx={room.width}
          fontPx={0.8125 * rem}
          minFontPx={0.625 * rem}
          weight={600}
        />
      )}
      <div className={styles.score} data-state={state}>
        <span style={{ fontSize: size }}>{formatScore(tile?.score)}</span>
        <span className={styles.word}>
          <StateMark state={state} />
          {tile?.ageS !== undefined && room.width >= 13 * rem && (
            <span className={styles.quiet}>{t('age.label', { age: formatAge(t, tile.ageS * 1000) })}</span>
          )}
        </span>
      </div>
      {trend && <Trend service={service} width={room.width} height={Math.floor(room.height * 0.4)} />}
      {chart && <Latency service={service} facts={facts} height={room.height} />}
    </div>
  );
}

const first = () => true;

function Trend({ service, width, height }: { service: string; width: number; height: number }) {
  const t = useT();
  const query = useLiveQuery({ query: scoreQuery(service), windowMs: TREND_MS, stepMs: 15_000, head: 'now' });
  return (
    <div className={styles.trend}>
      <Sparkline
        query={query}
        pick={first}
        width={width}
        height={height}
        min={0}
        max={100}
        label={t('wall.trend')}
      />
    </div>
  );
}

function Latency({ service, facts, height }: { service: string; facts: ServiceFacts; height: number }) {
  const range = useMemo(() => resolveRange({ kind: 'live', windowMs: CHART_MS }, undefined)!, []);
  return (
    <div className={styles.chart}>
      <ServiceChart
        id="latency"
        service={service}
        range={range}
        intervalMs={facts.intervalMs}
        legend={height >= LEGEND_FROM_PX}
      />
    </div>
  );
}
