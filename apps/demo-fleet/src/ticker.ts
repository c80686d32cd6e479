/** A call per step on a fixed grid from the start, so that ticks neither drift nor bunch. */

/** After a pause of the machine at most this many steps are made up for; the rest did not happen. */
const MAX_CATCH_UP_TICKS = 5;

/** `now` and `stepMs` in milliseconds. Returns how to stop. */
export function everyStep(now: () => number, stepMs: number, tick: () => void): () => void {
  let nextMs = now() + stepMs;
  let timer = setTimeout(run, stepMs);

  function run(): void {
    for (let done = 0; now() >= nextMs && done < MAX_CATCH_UP_TICKS; done++) {
      tick();
      nextMs += stepMs;
    }
    const behind = now() >= nextMs;
    const clockWentBack = nextMs - now() > 2 * stepMs;
    if (behind || clockWentBack) nextMs = now() + stepMs;
    timer = setTimeout(run, Math.max(1, nextMs - now()));
  }

  return () => clearTimeout(timer);
}
