/** What the wall asks for. Names are those of the recording rules of the health score. */
import { stepFor } from '@watchroom/contract';
import type { LiveQuerySpec } from '../../live/index.ts';

const TREND_MS = 1_800_000;
const TREND_POINTS = 120;
export const CHART_MS = 900_000;
const CELL_MS = 300_000;
export const RESOURCES = ['max', 'cpu', 'memory', 'disk', 'pool', 'connections', 'queue'] as const;
export type Resource = (typeof RESOURCES)[number];

export const SCORE: LiveQuerySpec = {
  query: 'watchroom:health:score',
  windowMs: TREND_MS,
  stepMs: stepFor(TREND_MS, TREND_POINTS),
  head: 'now',
};

const headOnly = (query: string): LiveQuerySpec => ({ query, windowMs: 0, stepMs: 1000, head: 'now' });

export const COMPONENT = headOnly('watchroom:health:component');

/** Metric name → field of a tile's signals. */
export const SIGNAL_METRICS = {
  'svc:latency:p50_2m': 'p50',
  'svc:latency:p90_2m': 'p90',
  'svc:latency:p99_2m': 'p99',
  'svc:errors:ratio2m': 'errors',
  'svc:saturation:max': 'saturation',
  'svc:up:ratio': 'up',
} as const;

export const SIGNALS = headOnly(`{__name__=~"${Object.keys(SIGNAL_METRICS).join('|')}",service!=""}`);

/** Asked of the raw counters, so that it is as fresh as the last scrape. */
const RATE = 'sum by (service) (rate(http_requests_total{service!=""}[30s]))';
export const TRAFFIC_NOW = headOnly(RATE);

/** A PromQL string literal. */
export const quoted = (text: string): string => JSON.stringify(text);

export function latencyOf(service: string, widthPx: number): LiveQuerySpec {
  const query = `{__name__=~"svc:latency:p50_2m|svc:latency:p90_2m|svc:latency:p99_2m",service=${quoted(service)}}`;
  return { query, windowMs: CHART_MS, stepMs: stepFor(CHART_MS, widthPx), head: 'now' };
}

export function trafficOf(service: string, widthPx: number): LiveQuerySpec {
  const query = `sum by (service) (rate(http_requests_total{service=${quoted(service)}}[30s]))`;
  return { query, windowMs: CHART_MS, stepMs: stepFor(CHART_MS, widthPx), head: 'now' };
}

/** One value per instance and five-minute cell of the wall clock; the open cell is the head. */
export function resourceCells(resource: Resource, windowMs: number): LiveQuerySpec {
  const selector = resource === 'max' ? '' : `{resource=${quoted(resource)}}`;
  return {
    query: `max by (service, instance) (max_over_time(watchroom:resource:ratio${selector}[5m]))`,
    windowMs,
    stepMs: CELL_MS,
    head: 'cell',
  };
}

/** Machines have no service label. Resource is cpu, memory or disk. */
export const MACHINES = headOnly('max by (instance, resource) (watchroom:resource:ratio{service=""})');
export const LOAD = headOnly('node_load1');
