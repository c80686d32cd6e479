/**
 * «double11»: a flash sale multiplies the traffic by eight, the order service's Redis pool runs out, 37 % of the order
 * submissions fail with code 2003, and the shop recovers in three steps: larger pool, limiter at the gateway, drain.
 * A scenario is a pure function of scenario time; the speed decides how fast that time passes.
 */

/** What the outside world and the operators do to the fleet at one moment. */
export interface Conditions {
  /** Multipliers of the visits by audience. */
  readonly browse: number;
  readonly buy: number;
  /** Share of the gateway's requests that its limiter answers with 429. */
  readonly shed: number;
  readonly sick: Sickness | undefined;
}

/** The state of the one service that the incident is about. */
export interface Sickness {
  readonly service: string;
  readonly poolMax: number;
  /** Filled share of the pool; 1 means that newcomers wait. */
  readonly poolFill: number;
  /** Mean seconds that an admitted request waits for a connection. */
  readonly poolWaitS: number;
  /** Share of the pooled requests that get no connection in time and fail with code 2003. */
  readonly refusedShare: number;
  /** 0..1 of the memory between the usual heap and the limit that the waiting requests hold. */
  readonly retained: number;
  /** Garbage collections per second and instance, all kinds. */
  readonly gcPerSecond: number;
}

export const CALM: Conditions = { browse: 1, buy: 1, shed: 0, sick: undefined };

export type Phase = 'idle' | 'ramp' | 'saturation' | 'outage' | 'mitigation' | 'recovery' | 'calm';

interface Keyframe extends Omit<Conditions, 'sick'>, Omit<Sickness, 'service'> {
  readonly atS: number;
  readonly phase: Phase;
}

export interface Scenario {
  readonly name: string;
  readonly lengthS: number;
  phaseAt(elapsedS: number): Phase;
  conditionsAt(elapsedS: number): Conditions;
}

const POOL = 16;

/**
 * Values change linearly from one row to the next; two rows at one time are a step.
 * 0.87 of the visits browse and 0.13 buy: 7.4 × and 12 × together are 8 ×.
 */
const DOUBLE11: readonly Keyframe[] = [
  frame(0, 'ramp', [1, 1, 0], [POOL, 0.1, 0, 0, 0, 1]),
  frame(150, 'saturation', [7.4, 12, 0], [POOL, 0.75, 0.02, 0, 0.1, 3]),
  frame(240, 'saturation', [7.4, 12, 0], [POOL, 1, 0.3, 0.04, 0.35, 7]),
  frame(300, 'outage', [7.4, 12, 0], [POOL, 1, 0.7, 0.37, 0.5, 15]),
  frame(1200, 'mitigation', [7.4, 12, 0], [POOL, 1, 0.75, 0.37, 0.92, 15]),
  frame(1200, 'mitigation', [7.4, 12, 0], [32, 1, 0.45, 0.18, 0.85, 11]),
  frame(1290, 'mitigation', [7.2, 11, 0], [32, 1, 0.4, 0.15, 0.7, 9]),
  frame(1290, 'mitigation', [7, 10, 0.3], [32, 0.97, 0.15, 0.02, 0.6, 6]),
  frame(1380, 'mitigation', [6, 8, 0.3], [32, 0.9, 0.1, 0.005, 0.45, 5]),
  frame(1380, 'mitigation', [6, 8, 0.2], [64, 0.45, 0, 0, 0.4, 4]),
  frame(1440, 'recovery', [4, 5, 0.1], [64, 0.3, 0, 0, 0.25, 3]),
  frame(1620, 'recovery', [1.8, 1.8, 0], [64, 0.1, 0, 0, 0.05, 1.5]),
  frame(1680, 'calm', [1, 1, 0], [64, 0.05, 0, 0, 0, 1]),
  frame(1800, 'calm', [1, 1, 0], [64, 0.05, 0, 0, 0, 1]),
];

function frame(
  atS: number,
  phase: Phase,
  [browse, buy, shed]: [number, number, number],
  [poolMax, poolFill, poolWaitS, refusedShare, retained, gcPerSecond]: [
    number,
    number,
    number,
    number,
    number,
    number,
  ],
): Keyframe {
  return { atS, phase, browse, buy, shed, poolMax, poolFill, poolWaitS, refusedShare, retained, gcPerSecond };
}

export const double11: Scenario = {
  name: 'double11',
  lengthS: (DOUBLE11.at(-1) as Keyframe).atS,
  phaseAt: (elapsedS) => before(elapsedS).phase,
  conditionsAt(elapsedS) {
    const from = before(elapsedS);
    const to = DOUBLE11[DOUBLE11.indexOf(from) + 1] ?? from;
    const share = to.atS > from.atS ? (elapsedS - from.atS) / (to.atS - from.atS) : 0;
    const mix = (a: number, b: number) => a + (b - a) * share;
    return {
      browse: mix(from.browse, to.browse),
      buy: mix(from.buy, to.buy),
      shed: from.shed,
      sick: {
        service: 'order',
        poolMax: from.poolMax,
        poolFill: mix(from.poolFill, to.poolFill),
        poolWaitS: mix(from.poolWaitS, to.poolWaitS),
        refusedShare: mix(from.refusedShare, to.refusedShare),
        retained: mix(from.retained, to.retained),
        gcPerSecond: mix(from.gcPerSecond, to.gcPerSecond),
      },
    };
  },
};

/** The last row at or before the time; of two rows at one time the second. */
function before(elapsedS: number): Keyframe {
  return DOUBLE11.findLast((row) => row.atS <= elapsedS) ?? (DOUBLE11[0] as Keyframe);
}

export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map([[double11.name, double11]]);
