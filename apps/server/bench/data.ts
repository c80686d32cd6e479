/**
 * What the query benchmark asks: 10,000 series × 6.25 h at 15 s of hosts, HTTP counters, latency histograms and containers,
 * about half of them at rest. A pure function of its constants, so that a folder made once serves every run.
 */
import { Labels } from '@watchroom/model';
import { seededRandom } from '@watchroom/testkit';

export const STEP_MS = 15_000;
export const ROWS = 1_500;
export const END_MS = 1_790_000_040_000;
export const START_MS: number = END_MS - ROWS * STEP_MS;

export interface BenchSeries {
  readonly labels: Labels;
  /** Value at row `i`; `noise` is in [0, 1). */
  readonly at: (row: number, noise: number) => number;
}

const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];
const ROUTES = [
  '/orders',
  '/orders/:id',
  '/users/:id',
  '/cart',
  '/healthz',
  '/search',
  '/payments',
  '/login',
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const CODES = ['200', '201', '304', '400', '404', '500', '503'];
const MODES = ['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user'];
const RESTING = new Set(['iowait', 'irq', 'nice', 'steal']);
const DISKS = [
  ['/dev/nvme0n1p1', 'ext4', '/'],
  ['/dev/nvme0n1p2', 'ext4', '/var/lib/docker'],
  ['tmpfs', 'tmpfs', '/run'],
] as const;
const STEP_S = STEP_MS / 1000;

type At = BenchSeries['at'];
type Add = (labels: Record<string, string>, at: At) => void;

const constant =
  (value: number): At =>
  () =>
    value;
const counter =
  (rate: number): At =>
  (row, noise) =>
    Math.floor(rate * (row * STEP_S + noise));
const centCounter =
  (rate: number): At =>
  (row, noise) =>
    Math.round(100 * rate * (row * STEP_S + noise)) / 100;
const gauge =
  (base: number): At =>
  (row, noise) =>
    Math.floor(base * (1 + 0.2 * Math.sin(row / 20)) + base * 0.02 * noise);

function host(add: Add, random: () => number): void {
  for (const name of ['node_load1', 'node_load5', 'node_load15'])
    add({ __name__: name }, (row, noise) => Math.round(100 * Math.abs(1 + Math.sin(row / 13) + noise)) / 100);
  for (let cpu = 0; cpu < 4; cpu++) {
    for (const mode of MODES) {
      const at = RESTING.has(mode) ? constant(Math.floor(random() * 1000)) : centCounter(random());
      add({ __name__: 'node_cpu_seconds_total', cpu: String(cpu), mode }, at);
    }
  }
  for (const [device, fstype, mountpoint] of DISKS) {
    for (const kind of ['avail', 'size', 'free']) {
      const at = kind === 'size' || fstype === 'tmpfs' ? constant(1e11) : gauge(1e10 * (1 + random()));
      add({ __name__: `node_filesystem_${kind}_bytes`, device, fstype, mountpoint }, at);
    }
  }
  for (let i = 0; i < 16; i++)
    add({ __name__: `process_figure_${i}` }, i % 3 === 0 ? constant(i) : gauge(300 * random()));
}

function http(add: Add, random: () => number): void {
  for (let i = 0; i < 20; i++) {
    const labels = {
      code: CODES[i % CODES.length]!,
      method: METHODS[Math.floor(i / 7) % 4]!,
      route: ROUTES[i % 8]!,
      service: i < 10 ? 'checkout' : 'web',
    };
    const at = i % 2 === 0 ? counter(1 + 60 * random()) : constant(Math.floor(60_000 * random()));
    add({ __name__: 'http_requests_total', ...labels }, at);
  }
  for (let i = 0; i < 7; i++) {
    const labels = { method: METHODS[i % 4]!, route: ROUTES[i]!, service: i % 2 === 0 ? 'web' : 'checkout' };
    const rate = 20 + 200 * random();
    const mean = 0.05 + 0.4 * random();
    const seen = (share: number): At => {
      if (i % 9 >= 4) return constant(Math.floor(1e5 * share));
      return (row) => Math.floor(share * Math.floor(rate * (row * STEP_S + ((row * 7919) % 13) / 13)));
    };
    const name = 'http_request_duration_seconds';
    for (const le of BOUNDS) {
      const share = le === '+Inf' ? 1 : 1 - Math.exp(-Number(le) / mean);
      add({ __name__: `${name}_bucket`, ...labels, le }, seen(share));
    }
    add({ __name__: `${name}_sum`, ...labels }, (row, noise) => rate * mean * (row * STEP_S + noise));
    add({ __name__: `${name}_count`, ...labels }, seen(1));
  }
}

function containers(add: Add, random: () => number): void {
  for (let i = 0; i < 22; i++) {
    const pod = `shop-${Math.floor(i / 4)}-${(0x7f4d0 + Math.floor(i / 4) * 977).toString(16)}`;
    const labels = { container: 'app', namespace: i % 8 < 4 ? 'prod' : 'staging', pod };
    const rests = i % 8 >= 4;
    const shapes: [string, At][] = [
      ['container_cpu_usage_seconds_total', rests ? constant(100) : centCounter(0.1 + random())],
      ['container_memory_working_set_bytes', rests ? constant(1e8) : gauge(1e8 * (1 + random()))],
      ['container_cpu_load_ratio', rests ? constant(0.5) : (row, noise) => 0.5 + Math.sin(row / 15) + noise],
      ['container_network_receive_bytes_total', rests ? constant(5000) : counter(5000 * random())],
    ];
    const [name, at] = shapes[i % 4]!;
    add({ __name__: name, ...labels }, at);
  }
}

/** 200 series of one target. */
export function targetSeries(target: number): BenchSeries[] {
  const random = seededRandom(target + 1);
  const instance = `host-${String(target).padStart(3, '0')}:9100`;
  const all: BenchSeries[] = [];
  const add: Add = (labels, at) => {
    all.push({ labels: Labels.fromObject({ ...labels, instance, job: 'bench' }), at });
  };
  host(add, random);
  http(add, random);
  containers(add, random);
  return all;
}
