/**
 * The PromQL of one service's panels. Recorded series of the health rules where there are some, raw counters otherwise.
 * Names: docs of the health rules (`svc:*`), the Prometheus client libraries (`process_*`, `nodejs_*`).
 */
import { formatDuration } from '@watchroom/model';

/** A PromQL string literal. */
export const quoted = (text: string): string => JSON.stringify(text);

/** Answers that count as failures: server errors, and 2003, a business failure answered with status 503. */
export const FAILED = 'code=~"5..|2003"';

const of = (service: string): string => `service=${quoted(service)}`;
const span = (windowMs: number): string => `[${formatDuration(windowMs)}]`;

export function scoreQuery(service: string): string {
  return `watchroom:health:score{${of(service)}}`;
}

export function latencyQuery(service: string): string {
  return `{__name__=~"svc:latency:p(50|90|99)_2m",${of(service)}}`;
}

export function p99TargetQuery(service: string): string {
  return `watchroom:slo:p99_target_seconds{${of(service)}}`;
}

/** Requests per second by code. */
export function trafficQuery(service: string, windowMs: number): string {
  return `sum by (code) (rate(http_requests_total{${of(service)}}${span(windowMs)}))`;
}

/** Failed requests as a share of all, by code; a service without failures has one series at 0. */
export function errorsQuery(service: string, windowMs: number): string {
  const all = `sum(rate(http_requests_total{${of(service)}}${span(windowMs)})) > 0`;
  const failed = `sum by (code) (rate(http_requests_total{${of(service)},${FAILED}}${span(windowMs)}))`;
  return `${failed} / on () group_left () (${all})`;
}

/** The series whose exemplars belong to the latency chart. */
export function latencyExemplarsQuery(service: string): string {
  return `http_request_duration_seconds_bucket{${of(service)}}`;
}

/** Observations of each cell by bucket. */
export function bucketsQuery(service: string, cellMs: number): string {
  return `sum by (le) (increase(http_request_duration_seconds_bucket{${of(service)}}${span(cellMs)}))`;
}

/** Which resources the service reports. */
export function resourcesQuery(service: string): string {
  return `count by (resource) (watchroom:resource:ratio{${of(service)}})`;
}

/** Highest use within each cell by instance. `resource` undefined: of all of them. */
export function saturationQuery(service: string, resource: string | undefined, cellMs: number): string {
  const which = resource === undefined ? '' : `,resource=${quoted(resource)}`;
  return `max by (instance) (max_over_time(watchroom:resource:ratio{${of(service)}${which}}${span(cellMs)}))`;
}

export function memoryQuery(service: string): string {
  return `sum by (instance) (process_resident_memory_bytes{${of(service)}})`;
}

/** Cores used. */
export function cpuQuery(service: string, windowMs: number): string {
  return `sum by (instance) (rate(process_cpu_seconds_total{${of(service)}}${span(windowMs)}))`;
}

/** Garbage collections per second. */
export function gcQuery(service: string, windowMs: number): string {
  return `sum by (instance) (rate(nodejs_gc_duration_seconds_count{${of(service)}}${span(windowMs)}))`;
}

export type Side = 'callers' | 'callees';

export interface DependencyQueries {
  readonly rate: string;
  readonly errors: string;
  readonly p99: string;
  /** The label that names the other service. */
  readonly label: 'service' | 'peer';
}

/** Calls between services as the callers counted them. */
export function dependencyQueries(service: string, side: Side, windowMs: number): DependencyQueries {
  const label = side === 'callers' ? 'service' : 'peer';
  const where = `${side === 'callers' ? 'peer' : 'service'}=${quoted(service)},${label}!=""`;
  const calls = (more: string): string =>
    `sum by (${label}) (rate(http_client_requests_total{${where}${more}}${span(windowMs)}))`;
  const buckets = `rate(http_client_request_duration_seconds_bucket{${where}}${span(windowMs)})`;
  return {
    label,
    rate: calls(''),
    errors: `${calls(`,${FAILED}`)} / (${calls('')} > 0)`,
    p99: `histogram_quantile(0.99, sum by (${label}, le) (${buckets}))`,
  };
}
