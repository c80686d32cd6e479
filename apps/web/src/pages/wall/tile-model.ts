/** What a tile shows, from the live documents and heads: pure, so that it can be tested without a page. */
import type { ServiceFreshness } from '@watchroom/contract';
import { type State, stateOfScore } from '../../design/state.ts';

export const COMPONENTS = ['availability', 'latency', 'tail', 'saturation', 'instances'] as const;
export type ComponentId = (typeof COMPONENTS)[number];

/** Raw signals of one service, by the name of their recording rule without its prefix. */
export interface Signals {
  readonly p50: number | undefined;
  readonly p90: number | undefined;
  readonly p99: number | undefined;
  readonly errors: number | undefined;
  readonly rate: number | undefined;
  readonly saturation: number | undefined;
  readonly up: number | undefined;
}

export interface TileModel extends Signals {
  readonly service: string;
  readonly cluster: string | undefined;
  readonly state: State;
  readonly score: number | undefined;
  /** Data of all its targets, or of the worst of them, is older than two intervals. */
  readonly late: boolean;
  /** Age of the data by which `late` was judged, whole seconds; undefined when none ever came. */
  readonly ageS: number | undefined;
  readonly worst: ComponentId | 'down' | 'noData' | undefined;
  readonly targets: number;
  readonly down: number;
}

export interface TileInput {
  readonly services: ReadonlyMap<string, ServiceFreshness>;
  readonly scores: ReadonlyMap<string, number>;
  readonly components: ReadonlyMap<string, Partial<Record<ComponentId, number>>>;
  readonly signals: ReadonlyMap<string, Signals>;
  readonly nowMs: number;
}

export const NO_SIGNALS: Signals = {
  p50: undefined,
  p90: undefined,
  p99: undefined,
  errors: undefined,
  rate: undefined,
  saturation: undefined,
  up: undefined,
};

/** A component at or above this is not worth naming. */
const FINE_FROM = 95;
const LATE_INTERVALS = 2;

export function buildTiles(input: TileInput): TileModel[] {
  const names = new Set([...input.services.keys(), ...input.scores.keys()]);
  return [...names].map((service) => tileOf(service, input));
}

function tileOf(service: string, input: TileInput): TileModel {
  const fresh = input.services.get(service);
  const score = input.scores.get(service);
  const { lateAll, lateAny, ageMs } = lateness(fresh, input.nowMs);
  const down = fresh ? fresh.targets - fresh.up : 0;
  const allDown = fresh !== undefined && fresh.targets > 0 && fresh.up === 0;
  // A score without a target is a leftover of the lookback: nobody watches that service now.
  const neverSeen = fresh?.newestOkMs === undefined;
  return {
    ...(input.signals.get(service) ?? NO_SIGNALS),
    service,
    cluster: fresh?.cluster,
    score: neverSeen ? undefined : score,
    state: stateOf({ score, neverSeen, lateAll, allDown }),
    late: lateAny,
    ageS: ageMs === undefined ? undefined : Math.max(0, Math.floor(ageMs / 1000)),
    worst: neverSeen ? 'noData' : allDown ? 'down' : worstOf(input.components.get(service), score, down),
    targets: fresh?.targets ?? 0,
    down,
  };
}

/**
 * A service all of whose targets fail is critical by a fresh fact (the scrapes fail now), however old its other data.
 * Otherwise old data is late: what it said then is not what is.
 */
function stateOf(facts: {
  readonly score: number | undefined;
  readonly neverSeen: boolean;
  readonly lateAll: boolean;
  readonly allDown: boolean;
}): State {
  if (facts.neverSeen) return 'unknown';
  if (facts.allDown && facts.score === 0) return 'critical';
  if (facts.lateAll) return 'late';
  return stateOfScore(facts.score);
}

function lateness(
  fresh: ServiceFreshness | undefined,
  nowMs: number,
): { lateAll: boolean; lateAny: boolean; ageMs: number | undefined } {
  if (!fresh || fresh.newestOkMs === undefined) return { lateAll: false, lateAny: false, ageMs: undefined };
  const limitMs = LATE_INTERVALS * fresh.intervalMs;
  const newestAge = nowMs - fresh.newestOkMs;
  const oldestAge = nowMs - (fresh.oldestOkMs ?? fresh.newestOkMs);
  const lateAll = newestAge > limitMs;
  const lateAny = lateAll || oldestAge > limitMs;
  return { lateAll, lateAny, ageMs: lateAny && !lateAll ? oldestAge : newestAge };
}

function worstOf(
  components: Partial<Record<ComponentId, number>> | undefined,
  score: number | undefined,
  down: number,
): TileModel['worst'] {
  // Without a score nothing says that all is fine, even where single components are.
  let worst: ComponentId | 'noData' | undefined = stateOfScore(score) === 'unknown' ? 'noData' : undefined;
  if (!components) return worst;
  let lowest = FINE_FROM;
  for (const id of COMPONENTS) {
    const value = components[id];
    if (value !== undefined && value < lowest) [worst, lowest] = [id, value];
  }
  return worst === 'instances' && down > 0 ? 'down' : worst;
}

/** Shallow equality of all fields: the tile need not be drawn again. */
export function sameTile(one: TileModel, other: TileModel): boolean {
  const keys = Object.keys(one) as (keyof TileModel)[];
  return keys.every((key) => Object.is(one[key], other[key]));
}
