/**
 * One second of the whole fleet at a time, in two passes over the services.
 *
 * Demand, callers first: visits and calls arrive at a route, the balancer spreads them over the live instances, limiter
 * and connection pool turn some away, and the admitted ones decide how many calls go on to other services.
 *
 * Outcome, callees first: each request gets its seconds and its code from its own work and from the outcomes of exactly
 * the requests that its calls became, so that what a client counted is what the servers did.
 *
 * The same seed and the same conditions per tick give the same values: nothing here reads a clock.
 */
import type { Exposition } from './exposition.ts';
import { createExposition } from './exposition.ts';
import { createInstanceMetrics, type InstanceMetrics } from './instance-metrics.ts';
import { createInstanceState, type InstanceState, settleTick, stretch } from './instance-state.ts';
import { createRandom, type Random, shuffle } from './random.ts';
import { CALM, type Conditions, type Sickness } from './scenario.ts';
import { type CallSpec, orderByCalls, type RouteSpec, routeName, type ServiceSpec } from './topology.ts';
import { TraceIds } from './trace-ids.ts';
import { createTraffic } from './traffic.ts';

/** A request fails for no reason at all about once in fifty thousand. */
const STRAY_FAILURE = 2e-5;
const POOL_TIMEOUT_S = 1;

export interface Outcome {
  readonly code: string;
  readonly seconds: number;
}

const REFUSED: Outcome = { code: '503', seconds: 0.002 };

export interface Instance {
  readonly name: string;
  readonly state: InstanceState;
  readonly metrics: InstanceMetrics;
  readonly exposition: Exposition;
  /** How the requests of the last tick on this route went. */
  recent(route: RouteSpec): readonly Outcome[];
}

export interface FleetModel {
  readonly instances: readonly Instance[];
  /** Ticks done since the start; one is one second of fleet time. */
  readonly ticks: number;
  tick(conditions?: Conditions): void;
  /** Starts the sequence of chance anew, so that what follows depends on this seed alone. */
  reseed(seed: number): void;
}

export interface FleetModelOptions {
  readonly services: readonly ServiceSpec[];
  readonly seed: number;
  /** Multiplies the visits; a fleet with more instances gets more of them. */
  readonly visitScale?: number;
  readonly startedAtS?: number;
}

/** What arrives at one route of one instance in a tick. */
interface Plan {
  readonly route: RouteLane;
  shed: number;
  refused: number;
  admitted: number;
  /** Calls by the route's call list. */
  calls: number[];
  outcomes: Outcome[];
}

interface Member extends Instance {
  readonly plans: readonly Plan[];
}

/** One route of one service: the demand of the tick and, later, the outcomes that callers take from. */
interface RouteLane {
  readonly spec: RouteSpec;
  readonly callees: readonly RouteLane[];
  incoming: number;
  outcomes: Outcome[];
  taken: number;
}

interface Group {
  readonly spec: ServiceSpec;
  readonly lanes: readonly RouteLane[];
  readonly members: readonly Member[];
}

export function createFleetModel(options: FleetModelOptions): FleetModel {
  let random = createRandom(options.seed);
  let traffic = createTraffic(random);
  let ticks = 0;
  const traces = new TraceIds(options.seed);
  const groups = createGroups(options, random, traces);
  return {
    instances: options.services.flatMap(
      ({ name }) => groups.find((group) => group.spec.name === name)!.members,
    ),
    get ticks() {
      return ticks;
    },
    tick(conditions = CALM) {
      ticks += 1;
      const scale = traffic.next(ticks) * (options.visitScale ?? 1);
      for (const group of groups) spreadDemand(group, conditions, scale, random);
      for (const group of groups.toReversed()) settleOutcomes(group, conditions, random);
    },
    reseed(seed) {
      random = createRandom(seed);
      traffic = createTraffic(random);
      traces.reseed(seed);
    },
  };
}

function createGroups(options: FleetModelOptions, random: Random, traces: TraceIds): Group[] {
  const lanes = new Map<string, RouteLane>();
  const ordered = orderByCalls(options.services);
  for (const service of ordered.toReversed()) {
    for (const spec of service.routes) {
      const callees = (spec.calls ?? []).map((call) => lanes.get(`${call.service} ${call.route}`)!);
      lanes.set(`${service.name} ${routeName(spec)}`, { spec, callees, incoming: 0, outcomes: [], taken: 0 });
    }
  }
  return ordered.map((spec) => {
    const own = spec.routes.map((route) => lanes.get(`${spec.name} ${routeName(route)}`)!);
    const members = Array.from({ length: spec.instances }, (_, index) =>
      createMember(createInstanceState(spec, index, random), own, options.startedAtS ?? 0, traces),
    );
    return { spec, lanes: own, members };
  });
}

function createMember(
  state: InstanceState,
  lanes: readonly RouteLane[],
  startedAtS: number,
  traces: TraceIds,
): Member {
  const metrics = createInstanceMetrics(state, startedAtS, traces);
  const plans = lanes.map((route) => ({ route, shed: 0, refused: 0, admitted: 0, calls: [], outcomes: [] }));
  return {
    name: `${state.service.name}-${state.index + 1}`,
    state,
    metrics,
    exposition: createExposition(metrics.registry),
    plans,
    recent: (route) => plans.find((plan) => plan.route.spec === route)?.outcomes ?? [],
  };
}

function spreadDemand(group: Group, conditions: Conditions, scale: number, random: Random): void {
  const live = group.members.filter((member) => member.state.live);
  const sick = sicknessOf(group, conditions);
  group.lanes.forEach((lane, laneIndex) => {
    const { visits } = lane.spec;
    const visitors = visits ? random.poisson(visits.perSecond * scale * conditions[visits.audience]) : 0;
    const total = live.length === 0 ? 0 : visitors + lane.incoming;
    const shares = new Array<number>(live.length).fill(0);
    for (let i = 0; i < total; i++) shares[random.below(live.length)]! += 1;
    lane.incoming = 0;
    lane.outcomes = [];
    lane.taken = 0;
    for (const member of group.members) reset(member.plans[laneIndex]!);
    live.forEach((member, i) => {
      const shed = group.spec.limiter ? random.binomial(shares[i]!, conditions.shed) : 0;
      const rest = shares[i]! - shed;
      const refused = lane.spec.pooled ? random.binomial(rest, sick?.refusedShare ?? 0) : 0;
      const plan = member.plans[laneIndex]!;
      plan.shed = shed;
      plan.refused = refused;
      plan.admitted = rest - refused;
      plan.calls = (lane.spec.calls ?? []).map((call) => drawCalls(plan.admitted * call.weight, random));
      plan.calls.forEach((count, c) => {
        lane.callees[c]!.incoming += count;
      });
    });
  });
}

function reset(plan: Plan): void {
  plan.shed = 0;
  plan.refused = 0;
  plan.admitted = 0;
  plan.calls = [];
  plan.outcomes = [];
}

function drawCalls(mean: number, random: Random): number {
  const whole = Math.floor(mean);
  return whole + (mean > whole && random.next() < mean - whole ? 1 : 0);
}

function settleOutcomes(group: Group, conditions: Conditions, random: Random): void {
  const sick = sicknessOf(group, conditions);
  for (const member of group.members) settleMember(member, sick, random);
  for (const lane of group.lanes) shuffle(lane.outcomes, random);
}

function sicknessOf(group: Group, conditions: Conditions): Sickness | undefined {
  return conditions.sick?.service === group.spec.name ? conditions.sick : undefined;
}

function settleMember(member: Member, sick: Sickness | undefined, random: Random): void {
  const load = {
    requests: 0,
    cpuSeconds: 0,
    openSeconds: 0,
    pooledSeconds: 0,
    poolWaitSeconds: 0,
    poolTimeouts: 0,
  };
  const factor = stretch(member.state) * member.state.slowness;
  for (const plan of member.plans) {
    const { spec } = plan.route;
    for (let i = 0; i < plan.shed; i++) finish(member, plan, { code: '429', seconds: 0.0008 });
    for (let i = 0; i < plan.refused; i++) {
      finish(member, plan, { code: '2003', seconds: POOL_TIMEOUT_S + 0.03 * random.next() });
    }
    for (let i = 0; i < plan.admitted; i++) {
      const wait = spec.pooled && sick ? Math.min(0.97, sick.poolWaitS * (0.5 + random.next())) : 0;
      const own = wait + random.logNormal(spec.workS * factor, spec.spread);
      const outcome = serve(member, plan, i, own, random);
      load.poolWaitSeconds += wait;
      if (spec.pooled) load.pooledSeconds += outcome.seconds - wait;
      finish(member, plan, outcome);
    }
    for (const { seconds } of plan.outcomes) load.openSeconds += seconds;
    load.requests += plan.outcomes.length;
    load.cpuSeconds += plan.admitted * spec.cpuS + plan.refused * spec.cpuS * 0.3 + plan.shed * 0.0003;
    load.poolTimeouts += plan.refused;
    load.poolWaitSeconds += plan.refused * POOL_TIMEOUT_S;
  }
  for (const [kind, pauses] of settleTick(member.state, load, sick, random))
    for (const pause of pauses) member.metrics.collected(kind, pause);
}

function finish(member: Member, plan: Plan, outcome: Outcome): void {
  member.metrics.served(plan.route.spec, outcome.code, outcome.seconds);
  plan.outcomes.push(outcome);
  plan.route.outcomes.push(outcome);
}

/** The request number `i` of a plan: its share of the plan's calls, one after the other. */
function serve(member: Member, plan: Plan, i: number, ownSeconds: number, random: Random): Outcome {
  const { spec, callees } = plan.route;
  let seconds = ownSeconds;
  let code: string = random.next() < STRAY_FAILURE ? '503' : spec.okCode;
  plan.calls.forEach((count, c) => {
    const call = spec.calls![c]!;
    const mine = Math.floor(((i + 1) * count) / plan.admitted) - Math.floor((i * count) / plan.admitted);
    for (let k = 0; k < mine; k++) {
      const answer = callOnce(member, call, callees[c]!);
      if (call.detached) continue;
      seconds += answer.seconds;
      if (isFailure(answer.code)) code = answer.code === '2003' ? '503' : answer.code;
    }
  });
  return { code, seconds };
}

function callOnce(member: Member, call: CallSpec, lane: RouteLane): Outcome {
  const real = lane.outcomes[lane.taken] ?? REFUSED;
  lane.taken += 1;
  const answer = real.seconds > call.timeoutS ? { code: '504', seconds: call.timeoutS } : real;
  member.metrics.called(call.service, answer.code, answer.seconds);
  return answer;
}

export function isFailure(code: string): boolean {
  return !code.startsWith('2') || code === '2003';
}
