import type { Clock } from '@watchroom/model';

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
}

/** Takes steps until they are at their end; between turns of some milliseconds others have the thread. The first turn is now. */
export function inTurns<T>(steps: Generator<void, T, void>, turns: Turns<T>): void {
  const { clock, atOnce, isWanted, done } = turns;
  if (!isWanted()) {
    done(undefined);
    return;
  }
  const untilMs = atOnce ? Number.POSITIVE_INFINITY : clock.monotonic() + TURN_MS;
  do {
    const step = steps.next();
    if (step.done) {
      done(step.value);
      return;
    }
  } while (clock.monotonic() < untilMs);
  setImmediate(() => inTurns(steps, turns));
}
