/**
 * Functions of a server that watches little are compiled sooner. The engine compiles a function well when it has been called some 400
 * times: what runs once a second has to wait seven minutes for that, and a dashboard's way through the server, ten requests a second
 * at best, forty seconds and more. 120 calls do as well. With many series all that matters has run so often within
 * seconds, and a lower figure compiles in the first minute what could wait (`docs/decisions/0014`).
 *
 * The engine reads the figure when it gives a function its budget, so that it holds for those that run for the first time from now on.
 *
 * Source: https://chromium.googlesource.com/v8/v8/+/refs/heads/13.6-lkgr/src/execution/tiering-manager.cc
 */
import { setFlagsFromString } from 'node:v8';
import type { Clock } from '@watchroom/model';

/** Before functions that run once a second have been called the eight times after which the engine gives them a budget. */
const AFTER_MS = 5_000;
/** By then the first bodies of all targets have come, or are coming. */
const FEW_SERIES = 10_000;

/** To be called once per process, when it has begun to serve; `series` says how many there are. */
export function compileSooner(
  clock: Clock,
  series: () => number,
  set: (flag: string) => void = setFlagsFromString,
): void {
  clock.after(AFTER_MS, () => {
    if (series() < FEW_SERIES) set('--invocation-count-for-maglev=120');
  });
}
