/**
 * The staleness marker: a NaN whose low word is 2.
 * Source: Prometheus model/value/value.go, StaleNaN = 0x7ff0000000000002. JavaScript engines quieten signalling NaNs on
 * store, so here it is the quiet 0x7ff8000000000002; both are recognised. The payload survives typed arrays and number
 * variables in V8; stale.test.ts holds that.
 */
const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const STALE_LOW_WORD = 2;

words[LOW] = STALE_LOW_WORD;
words[1 - LOW] = 0x7ff80000;

/** The marker as a number. Compare with `isStale`, never with ===. */
export const STALE: number = scratch[0]!;

/** Whether a value is the staleness marker (an ordinary NaN is not). */
export function isStale(value: number): boolean {
  if (!Number.isNaN(value)) return false;
  scratch[0] = value;
  return words[LOW] === STALE_LOW_WORD;
}
