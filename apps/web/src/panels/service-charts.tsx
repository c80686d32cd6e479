/** The line charts of one service: what each asks, how its series are named and coloured. */
import { formatUnit, type Unit } from '@watchroom/chart-data';
import { useMemo } from 'react';
import type { Labels } from '../api/index.ts';
import type { Threshold } from '../charts/index.ts';
import type { MessageKey } from '../i18n/en.ts';
import { useT } from '../i18n/i18n.tsx';
import { QueryChart } from './QueryChart.tsx';
import { lengthMs, type ResolvedRange, rateWindowMs } from './range.ts';
import {
  cpuQuery,
  errorsQuery,
  gcQuery,
  latencyExemplarsQuery,
  latencyQuery,
  memoryQuery,
  p99TargetQuery,
  scoreQuery,
  trafficQuery,
} from './service-queries.ts';
import { useVector } from './use-vector.ts';

export interface ServiceChartProps {
  readonly service: string;
  readonly range: ResolvedRange;
  /** The longest scrape interval of its targets. */
  readonly intervalMs: number;
  readonly legend?: boolean | undefined;
  /** Must be stable. */
  readonly hidden?: ReadonlySet<string> | undefined;
  readonly onToggle?: ((name: string) => void) | undefined;
}

export const SERVICE_CHARTS = ['score', 'traffic', 'errors', 'latency', 'memory', 'cpu', 'gc'] as const;
export type ServiceChartId = (typeof SERVICE_CHARTS)[number];

export interface Recipe {
  readonly title: MessageKey;
  readonly unit: Unit;
  readonly query: (service: string, rateMs: number) => string;
  readonly nameOf: (labels: Labels) => string;
  readonly colourOf?: (name: string) => string | undefined;
  readonly max?: number;
  readonly area?: boolean;
}

const byCode = (labels: Labels): string => labels['code'] ?? '';
const byInstance = (labels: Labels): string => labels['instance'] ?? '';

const CODE_COLOURS: Readonly<Record<string, string>> = {
  '200': 'var(--series-1)',
  '503': 'var(--series-4)',
  '2003': 'var(--series-6)',
};
const CLASS_COLOURS: Readonly<Record<string, string>> = {
  '2': 'var(--series-2)',
  '3': 'var(--series-7)',
  '4': 'var(--series-3)',
  '5': 'var(--series-5)',
};

/** A code keeps its colour in both charts. */
function codeColour(code: string): string {
  return CODE_COLOURS[code] ?? CLASS_COLOURS[code[0] ?? ''] ?? 'var(--series-8)';
}

const PERCENTILE = /:p(\d+)_/;
const percentile = (labels: Labels): string => `P${PERCENTILE.exec(labels['__name__'] ?? '')?.[1] ?? '?'}`;
const PERCENTILES: Readonly<Record<string, string>> = {
  P50: 'var(--series-7)',
  P90: 'var(--series-1)',
  P99: 'var(--series-3)',
};

const RECIPES: Readonly<Record<ServiceChartId, Recipe>> = {
  score: {
    title: 'service.score',
    unit: 'short',
    query: scoreQuery,
    nameOf: (labels) => labels['service'] ?? '',
    max: 100,
    area: true,
  },
  traffic: {
    title: 'service.traffic',
    unit: 'perSecond',
    query: trafficQuery,
    nameOf: byCode,
    colourOf: codeColour,
    area: true,
  },
  errors: {
    title: 'service.errors',
    unit: 'ratio',
    query: errorsQuery,
    nameOf: byCode,
    colourOf: codeColour,
    area: true,
  },
  latency: {
    title: 'service.latency',
    unit: 'seconds',
    query: latencyQuery,
    nameOf: percentile,
    colourOf: (name) => PERCENTILES[name],
  },
  memory: { title: 'service.memory', unit: 'bytes', query: memoryQuery, nameOf: byInstance },
  cpu: { title: 'service.cpu', unit: 'short', query: cpuQuery, nameOf: byInstance },
  gc: { title: 'service.gc', unit: 'short', query: gcQuery, nameOf: byInstance },
};

export const chartTitle = (id: ServiceChartId): MessageKey => RECIPES[id].title;
export const chartLooks = (id: ServiceChartId): Pick<Recipe, 'nameOf' | 'unit'> => RECIPES[id];

const SCORE_THRESHOLDS: readonly Threshold[] = [
  { value: 70, state: 'warning' },
  { value: 40, state: 'critical' },
];
const NO_THRESHOLDS: readonly Threshold[] = [];

export function chartQuery(id: ServiceChartId, { service, range, intervalMs }: ServiceChartProps): string {
  return RECIPES[id].query(service, rateWindowMs(range.stepMs, intervalMs));
}

export function ServiceChart({ id, ...props }: ServiceChartProps & { id: ServiceChartId }) {
  if (id === 'latency') return <LatencyChart {...props} />;
  return <PlainChart id={id} thresholds={id === 'score' ? SCORE_THRESHOLDS : NO_THRESHOLDS} {...props} />;
}

/** The service's own P99 objective as a line. */
function LatencyChart(props: ServiceChartProps) {
  const target = useVector(p99TargetQuery(props.service), props.range).samples[0]?.value;
  const thresholds = useMemo<readonly Threshold[]>(
    () => (target === undefined ? NO_THRESHOLDS : [{ value: target, state: 'warning' }]),
    [target],
  );
  return <PlainChart id="latency" thresholds={thresholds} {...props} />;
}

function PlainChart({
  id,
  thresholds,
  ...props
}: ServiceChartProps & { id: ServiceChartId; thresholds: readonly Threshold[] }) {
  const t = useT();
  const recipe = RECIPES[id];
  return (
    <QueryChart
      query={chartQuery(id, props)}
      range={props.range}
      unit={recipe.unit}
      label={`${t(recipe.title)}, ${props.service}`}
      nameOf={recipe.nameOf}
      colourOf={recipe.colourOf}
      min={0}
      max={recipe.max}
      thresholds={thresholds}
      area={recipe.area}
      legend={props.legend ?? id !== 'score'}
      exemplarQuery={id === 'latency' ? latencyExemplarsQuery(props.service) : undefined}
      hidden={props.hidden}
      onToggle={props.onToggle}
    />
  );
}

/** The latency objective as text for a panel's header; undefined when there is none. */
export function useP99Target(service: string, range: ResolvedRange): string | undefined {
  const target = useVector(p99TargetQuery(service), range).samples[0]?.value;
  return target === undefined ? undefined : formatUnit(target, 'seconds');
}

/** Dependencies of a fixed range are averages over it, at most this long. */
const MOST_AVERAGED_MS = 3_600_000;

export function dependencyWindowMs(range: ResolvedRange, intervalMs: number): number {
  const least = rateWindowMs(0, intervalMs);
  return range.kind === 'live'
    ? Math.max(60_000, least)
    : Math.max(least, Math.min(lengthMs(range), MOST_AVERAGED_MS));
}
