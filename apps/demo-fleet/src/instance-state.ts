/** What one instance is at the end of a tick. The traffic model writes it, the metrics read it when they are scraped. */
import type { Random } from './random.ts';
import type { Sickness } from './scenario.ts';
import type { ServiceSpec } from './topology.ts';

const MIB = 1024 * 1024;
/** Processor share of an idle instance. */
const IDLE_CPU = 0.04;
const GARBAGE_PER_REQUEST_BYTES = 180 * 1024;

export const GC_KINDS = ['minor', 'major', 'incremental', 'weakcb'] as const;
export type GcKind = (typeof GC_KINDS)[number];

export interface PoolState {
  max: number;
  used: number;
  waiting: number;
  timeouts: number;
}

export interface InstanceState {
  readonly service: ServiceSpec;
  readonly index: number;
  /** Work takes this times the route's median here: machines differ a little. */
  readonly slowness: number;
  /** False: the balancer sends it nothing. */
  live: boolean;
  cpuRatio: number;
  cpuSeconds: number;
  heapUsedBytes: number;
  garbageBytes: number;
  retainedShare: number;
  gcShare: number;
  openRequests: number;
  queued: number;
  diskRatio: number;
  readonly pool: PoolState | undefined;
}

/** What one tick of one second brought to an instance. */
export interface TickLoad {
  readonly requests: number;
  readonly cpuSeconds: number;
  /** Seconds that all requests of the tick lasted together: by Little's law the mean number of open requests. */
  readonly openSeconds: number;
  readonly pooledSeconds: number;
  readonly poolWaitSeconds: number;
  readonly poolTimeouts: number;
}

export function createInstanceState(service: ServiceSpec, index: number, random: Random): InstanceState {
  return {
    service,
    index,
    slowness: 0.93 + 0.14 * random.next(),
    live: true,
    cpuRatio: IDLE_CPU,
    cpuSeconds: 0,
    heapUsedBytes: service.heapBaseBytes,
    garbageBytes: random.next() * 16 * MIB,
    retainedShare: 0,
    gcShare: 0,
    openRequests: 0,
    queued: 0,
    diskRatio: 0.3 + 0.2 * random.next(),
    pool:
      service.poolMax === undefined ? undefined : { max: service.poolMax, used: 1, waiting: 0, timeouts: 0 },
  };
}

/** Work waits longer the busier the processor is (M/M/1, softened), and stands still while garbage is collected. */
export function stretch(state: InstanceState): number {
  const busy = Math.min(state.cpuRatio, 0.95);
  return (1 + (0.6 * busy) / (1 - busy)) * (1 + 2 * state.gcShare);
}

/** Closes the tick: returns the garbage collections that took place, as seconds by kind. */
export function settleTick(
  state: InstanceState,
  load: TickLoad,
  sick: Sickness | undefined,
  random: Random,
): ReadonlyMap<GcKind, number[]> {
  const collections = collectGarbage(state, load, sick, random);
  const busy = Math.min(1, IDLE_CPU + load.cpuSeconds * state.slowness + state.gcShare);
  state.cpuRatio += 0.3 * (busy - state.cpuRatio);
  state.cpuSeconds += busy;
  state.openRequests += 0.4 * (load.openSeconds - state.openRequests);
  state.queued += 0.4 * (load.poolWaitSeconds - state.queued);
  state.diskRatio = Math.min(0.66, state.diskRatio + 2e-6 + load.requests * 2e-8);
  settlePool(state, load, sick);
  return collections;
}

function settlePool(state: InstanceState, load: TickLoad, sick: Sickness | undefined): void {
  const { pool } = state;
  if (!pool) return;
  pool.max = sick?.poolMax ?? state.service.poolMax ?? pool.max;
  const held = 1 + Math.round(load.pooledSeconds);
  pool.used = Math.min(pool.max, sick ? Math.max(Math.round(sick.poolFill * pool.max), 1) : held);
  pool.waiting = Math.round(load.poolWaitSeconds);
  pool.timeouts += load.poolTimeouts;
}

/** Heap = base + what waiting requests hold + a sawtooth of garbage that each major collection clears. */
function collectGarbage(
  state: InstanceState,
  load: TickLoad,
  sick: Sickness | undefined,
  random: Random,
): Map<GcKind, number[]> {
  const { service } = state;
  state.retainedShare += 0.3 * ((sick?.retained ?? 0) - state.retainedShare);
  const usual = 0.4 + load.requests * 0.02;
  const count = random.poisson(sick ? Math.max(usual, sick.gcPerSecond) : usual);
  const collections = new Map<GcKind, number[]>();
  state.garbageBytes += load.requests * GARBAGE_PER_REQUEST_BYTES + 64 * 1024;
  for (let i = 0; i < count; i++) {
    const kind = drawKind(random);
    const seconds = drawPause(kind, state.retainedShare, random);
    collections.set(kind, [...(collections.get(kind) ?? []), seconds]);
  }
  if (state.garbageBytes > 32 * MIB) {
    state.garbageBytes = 4 * MIB;
    const major = drawPause('major', state.retainedShare, random);
    collections.set('major', [...(collections.get('major') ?? []), major]);
  }
  const pauses = [...collections.values()].flat().reduce((sum, s) => sum + s, 0);
  state.gcShare += 0.3 * (Math.min(0.5, pauses) - state.gcShare);
  const room = service.memoryLimitBytes * 0.93 - service.heapBaseBytes - 100 * MIB;
  state.heapUsedBytes = service.heapBaseBytes + state.retainedShare * Math.max(0, room) + state.garbageBytes;
  return collections;
}

function drawKind(random: Random): GcKind {
  const u = random.next();
  if (u < 0.78) return 'minor';
  if (u < 0.9) return 'incremental';
  return u < 0.97 ? 'major' : 'weakcb';
}

function drawPause(kind: GcKind, retained: number, random: Random): number {
  const median = { minor: 0.0015, major: 0.018 * (1 + 3 * retained), incremental: 0.004, weakcb: 0.0005 }[
    kind
  ];
  return random.logNormal(median, 0.5);
}

export function heapTotalBytes(state: InstanceState): number {
  return Math.ceil((state.heapUsedBytes * 1.12) / MIB + 8) * MIB;
}

export function residentBytes(state: InstanceState): number {
  return Math.round(state.heapUsedBytes + 62 * MIB + state.openRequests * 24 * 1024);
}

/** Filled share, 0..1, of each resource that the instance has. */
export function saturation(state: InstanceState): Record<string, number> {
  const clamp = (ratio: number) => Math.min(1, Math.max(0, ratio));
  return {
    cpu: clamp(state.cpuRatio),
    memory: clamp(residentBytes(state) / state.service.memoryLimitBytes),
    disk: clamp(state.diskRatio),
    connections: clamp(state.openRequests / state.service.connectionLimit),
    queue: clamp(state.queued / 64),
    ...(state.pool ? { pool: clamp(state.pool.used / state.pool.max) } : {}),
  };
}
