/** A call per second on a fixed grid from the start, so that ticks neither drift nor bunch. */

/** After a pause of the machine at most this many seconds are made up for; the rest did not happen. */
const MAX_CATCH_UP_TICKS = 5;

/** `now` in milliseconds. Returns how to stop. */
export function everySecond(now: () => number, tick: () => void): () => void {
  let nextMs = now() + 1000;
  let timer = setTimeout(run, 1000);

  function run(): void {
    for (let done = 0; now() >= nextMs && done < MAX_CATCH_UP_TICKS; done++) {
      tick();
      nextMs += 1000;
    }
    const behind = now() >= nextMs;
    const clockWentBack = nextMs - now() > 2000;
    if (behind || clockWentBack) nextMs = now() + 1000;
    timer = setTimeout(run, Math.max(1, nextMs - now()));
  }

  return () => clearTimeout(timer);
}
