import type { Clock } from './clock.ts';

/** What others wait at most while one takes long. */
const TURN_MS = 5;

export interface Turns<T> {
  readonly clock: Clock;
  /** In one turn, however long it takes: where it is short, waiting for a turn would only cost. */
  readonly atOnce: boolean;
  /** Asked before each turn. */
  readonly isWanted: () => boolean;
  /** Called once, with undefined when it is not wanted any more. */
  readonly done: (result: T | undefined) => void;
  /** Called instead when a step throws. Without it the error goes to whoever runs the turn. */
  readonly failed?: (error: unknown) => void;
}

/** What steps come to, taken at once. */
export function exhaust<T>(steps: Generator<void, T, void>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Takes steps until they are at their end; between turns of some milliseconds others have the thread. The first turn is now. */
export function inTurns<T>(steps: Generator<void, T, void>, turns: Turns<T>): void {
  const { isWanted, done, failed } = turns;
  if (!isWanted()) {
    done(undefined);
    return;
  }
  let end: IteratorResult<void, T> | undefined;
  try {
    end = turn(steps, turns);
  } catch (error) {
    if (!failed) throw error;
    failed(error);
    return;
  }
  if (end?.done) done(end.value);
  else setImmediate(() => inTurns(steps, turns));
}

/** The last step, or undefined when there are more. */
function turn<T>(
  steps: Generator<void, T, void>,
  { clock, atOnce }: Turns<T>,
): IteratorResult<void, T> | undefined {
  const untilMs = atOnce ? Number.POSITIVE_INFINITY : clock.monotonic() + TURN_MS;
  do {
    const step = steps.next();
    if (step.done) return step;
  } while (clock.monotonic() < untilMs);
  return undefined;
}
