/**
 * The prom-client registry of one instance. Histograms are fed each tick; counters and gauges are
 * brought up to date when they are scraped.
 */
import { Counter, Gauge, Histogram, type OpenMetricsContentType, Registry } from 'prom-client';
import type { GcKind, InstanceState } from './instance-state.ts';
import { GC_KINDS, heapTotalBytes, residentBytes, saturation } from './instance-state.ts';
import type { RouteSpec } from './topology.ts';
import type { TraceIds } from './trace-ids.ts';

export const LATENCY_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 8, 10];
const GC_BUCKETS_S = [0.001, 0.01, 0.1, 1, 2, 5];

export interface InstanceMetrics {
  readonly registry: Registry;
  /** One request served: its route, the code of the answer, its seconds. */
  served(route: RouteSpec, code: string, seconds: number): void;
  /** One call made to another service. */
  called(peer: string, code: string, seconds: number): void;
  collected(kind: GcKind, seconds: number): void;
}

/** A counter and a histogram that share labels, with their children looked up once. */
interface Pair {
  readonly observe: (seconds: number) => void;
  readonly count: (code: string) => void;
}

export function createInstanceMetrics(
  state: InstanceState,
  startedAtS: number,
  traces: TraceIds,
): InstanceMetrics {
  const registry = new Registry();
  const pairs = requestPairs(registry, state, traces);
  const peers = peerPairs(registry, state);
  const gc = new Histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
    labelNames: ['kind'],
    buckets: GC_BUCKETS_S,
    registers: [registry],
  });
  const collections = new Map(GC_KINDS.map((kind) => [kind, gc.labels(kind)]));
  for (const kind of GC_KINDS) gc.zero({ kind });
  registerSaturation(registry, state);
  registerPool(registry, state);
  registerProcess(registry, state, startedAtS);
  registerRuntime(registry, state);
  registerInfo(registry, state);
  return {
    registry,
    served(route, code, seconds) {
      const pair = pairs.get(route);
      pair?.observe(seconds);
      pair?.count(code);
    },
    called(peer, code, seconds) {
      const pair = peers.get(peer);
      pair?.observe(seconds);
      pair?.count(code);
    },
    collected: (kind, seconds) => collections.get(kind)?.observe(seconds),
  };
}

/** The codes that a route may answer with exist from the start at 0, so that the first failure is seen as an increase. */
function requestPairs(registry: Registry, state: InstanceState, traces: TraceIds): Map<RouteSpec, Pair> {
  const tally = new Tally();
  const counter = new Counter({
    name: 'http_requests_total',
    help: 'Requests served, by method, route and code; 2003 is the business code of a refused order.',
    labelNames: ['method', 'route', 'code'],
    registers: [registry],
    collect: () => tally.flush(),
  });
  // prom-client makes exemplars for OpenMetrics registries only; one of plain text takes the finished metric and omits them.
  const open = new Registry<OpenMetricsContentType>();
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const histogram = new Histogram<'method' | 'route' | 'trace_id'>({
    name: 'http_request_duration_seconds',
    help: 'Seconds that requests took to serve.',
    labelNames: ['method', 'route'],
    buckets: LATENCY_BUCKETS_S,
    enableExemplars: true,
    registers: [open],
  });
  registry.registerMetric(histogram);
  return new Map(
    state.service.routes.map((route) => {
      const { method, path } = route;
      const labels = { method, route: path };
      histogram.zero(labels);
      const plain = histogram.labels(method, path).observe;
      const observe = (value: number): void => {
        const id = traces.next(value);
        if (id === undefined) plain(value);
        else histogram.observe({ labels, value, exemplarLabels: { trace_id: id } });
      };
      const count = tally.counts((code) => counter.labels(method, path, code));
      const codes = state.service.name === 'order' && route.pooled ? ['503', '2003'] : ['503'];
      for (const code of [route.okCode, ...codes]) counter.labels(method, path, code).inc(0);
      return [route, { observe, count }];
    }),
  );
}

function peerPairs(registry: Registry, state: InstanceState): Map<string, Pair> {
  const calls = state.service.routes.flatMap((route) => route.calls ?? []);
  if (calls.length === 0) return new Map();
  const tally = new Tally();
  const counter = new Counter({
    name: 'http_client_requests_total',
    help: 'Calls made to other services, by peer and code of the answer.',
    labelNames: ['peer', 'code'],
    registers: [registry],
    collect: () => tally.flush(),
  });
  const histogram = new Histogram({
    name: 'http_client_request_duration_seconds',
    help: 'Seconds that calls to other services took.',
    labelNames: ['peer'],
    buckets: LATENCY_BUCKETS_S,
    registers: [registry],
  });
  return new Map(
    [...new Set(calls.map((call) => call.service))].map((peer) => {
      histogram.zero({ peer });
      counter.labels(peer, '503').inc(0);
      return [
        peer,
        {
          observe: histogram.labels(peer).observe,
          count: tally.counts((code) => counter.labels(peer, code)),
        },
      ];
    }),
  );
}

/** Requests by series since the last scrape: a busy second costs one addition per series, not one per request. */
class Tally {
  private readonly pending = new Map<Counter.Internal, number>();

  /** Remembers the child of each code, so that its labels are hashed once. */
  counts(child: (code: string) => Counter.Internal): (code: string) => void {
    const children = new Map<string, Counter.Internal>();
    return (code) => {
      const known = children.get(code) ?? child(code);
      children.set(code, known);
      this.pending.set(known, (this.pending.get(known) ?? 0) + 1);
    };
  }

  flush(): void {
    for (const [child, count] of this.pending) child.inc(count);
    this.pending.clear();
  }
}

/** A gauge without labels whose value is read from the model at each scrape. */
function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

/** A counter whose total the model keeps. */
function total(registry: Registry, name: string, help: string, read: () => number): void {
  let seen = 0;
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      const now = read();
      this.inc(Math.max(0, now - seen));
      seen = now;
    },
  });
}

function registerSaturation(registry: Registry, state: InstanceState): void {
  new Gauge({
    name: 'svc_saturation_ratio',
    help: 'Filled share of a resource of this instance, 0 to 1.',
    labelNames: ['resource'],
    registers: [registry],
    collect() {
      for (const [resource, ratio] of Object.entries(saturation(state))) this.set({ resource }, ratio);
    },
  });
}

function registerPool(registry: Registry, state: InstanceState): void {
  const { pool } = state;
  if (!pool) return;
  new Gauge({
    name: 'redis_pool_connections',
    help: 'Connections of the Redis pool by state.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'used' }, pool.used);
      this.set({ state: 'idle' }, pool.max - pool.used);
    },
  });
  gauge(registry, 'redis_pool_max_connections', 'Largest size of the Redis pool.', () => pool.max);
  gauge(
    registry,
    'redis_pool_waiting',
    'Requests that wait for a connection of the pool.',
    () => pool.waiting,
  );
  total(
    registry,
    'redis_pool_timeouts_total',
    'Requests that got no connection of the pool in time.',
    () => pool.timeouts,
  );
}

function registerProcess(registry: Registry, state: InstanceState, startedAtS: number): void {
  const cpu = () => state.cpuSeconds;
  total(registry, 'process_cpu_user_seconds_total', 'User processor seconds.', () => cpu() * 0.86);
  total(registry, 'process_cpu_system_seconds_total', 'System processor seconds.', () => cpu() * 0.14);
  total(registry, 'process_cpu_seconds_total', 'User and system processor seconds.', cpu);
  gauge(
    registry,
    'process_start_time_seconds',
    'Start of the process since the Unix epoch.',
    () => startedAtS,
  );
  gauge(registry, 'process_resident_memory_bytes', 'Resident memory size.', () => residentBytes(state));
  gauge(
    registry,
    'process_virtual_memory_bytes',
    'Virtual memory size.',
    () => residentBytes(state) + 2 ** 30,
  );
  gauge(registry, 'process_heap_bytes', 'Process heap size.', () => heapTotalBytes(state));
  gauge(
    registry,
    'process_open_fds',
    'Open file descriptors.',
    () => 22 + Math.round(state.openRequests * 2),
  );
  gauge(registry, 'process_max_fds', 'Largest number of open file descriptors.', () => 65_536);
}

function registerRuntime(registry: Registry, state: InstanceState): void {
  const lag = (factor: number) => () => 0.001 + factor * (0.01 * state.cpuRatio ** 2 + 0.05 * state.gcShare);
  gauge(registry, 'nodejs_eventloop_lag_seconds', 'Lag of the event loop.', lag(1));
  gauge(registry, 'nodejs_eventloop_lag_p50_seconds', 'Median lag of the event loop.', lag(0.7));
  gauge(registry, 'nodejs_eventloop_lag_p90_seconds', '90th percentile of the lag.', lag(2));
  gauge(registry, 'nodejs_eventloop_lag_p99_seconds', '99th percentile of the lag.', lag(4));
  gauge(registry, 'nodejs_heap_size_total_bytes', 'Process heap size from Node.js.', () =>
    heapTotalBytes(state),
  );
  gauge(registry, 'nodejs_heap_size_used_bytes', 'Process heap size used from Node.js.', () =>
    Math.round(state.heapUsedBytes),
  );
  gauge(registry, 'nodejs_external_memory_bytes', 'Node.js external memory size.', () =>
    Math.round(3_000_000 + state.openRequests * 4096),
  );
}

function registerInfo(registry: Registry, state: InstanceState): void {
  new Gauge({
    name: 'nodejs_version_info',
    help: 'Node.js version info.',
    labelNames: ['version', 'major', 'minor', 'patch'],
    registers: [registry],
  })
    .labels(process.version, ...(process.version.slice(1).split('.') as [string, string, string]))
    .set(1);
  new Gauge({
    name: 'build_info',
    help: 'What runs here.',
    labelNames: ['name', 'version', 'revision'],
    registers: [registry],
  })
    .labels(state.service.name, '1.11.0', 'a1b2c3d')
    .set(1);
}
