/** The incident that runs, in ticks of the fleet: scenario time = ticks since its start × speed. */
import { CALM, type Conditions, double11, type Phase, SCENARIOS, type Scenario } from './scenario.ts';

export const MIN_SPEED = 1;
export const MAX_SPEED = 60;

export interface IncidentStatus {
  readonly available: true;
  readonly running: boolean;
  readonly name: string | undefined;
  readonly speed: number;
  readonly phase: Phase;
  /** Seconds of scenario time since the start, and the scenario's length. */
  readonly elapsedS: number;
  readonly lengthS: number;
}

export interface IncidentStart {
  readonly name: string;
  readonly speed: number;
}

export interface IncidentRunner {
  /** False when one runs already. The name must be one of SCENARIOS. */
  start(request: IncidentStart): boolean;
  stop(): void;
  /** Conditions of the next tick; an incident past its end is over. */
  advance(): Conditions;
  status(): IncidentStatus;
}

export function createIncidentRunner(): IncidentRunner {
  let running: { readonly scenario: Scenario; readonly speed: number; elapsedS: number } | undefined;
  return {
    start({ name, speed }) {
      const scenario = SCENARIOS.get(name);
      if (running || !scenario) return false;
      running = { scenario, speed, elapsedS: 0 };
      return true;
    },
    stop() {
      running = undefined;
    },
    advance() {
      if (!running) return CALM;
      running.elapsedS += running.speed;
      if (running.elapsedS >= running.scenario.lengthS) {
        running = undefined;
        return CALM;
      }
      return running.scenario.conditionsAt(running.elapsedS);
    },
    status() {
      const scenario = running?.scenario ?? double11;
      return {
        available: true,
        running: running !== undefined,
        name: running?.scenario.name,
        speed: running?.speed ?? 1,
        phase: running ? scenario.phaseAt(running.elapsedS) : 'idle',
        elapsedS: running?.elapsedS ?? 0,
        lengthS: scenario.lengthS,
      };
    },
  };
}
