/**
 * When a rule group is evaluated: at k × interval + offset, the offset a hash of the group's file and name.
 * Source: Prometheus 3 rules/group.go, Group.hash and Group.EvalTimestamp; the hash is labels.Labels.Hash over
 * {file, name} in its string layout (each text behind its length: one byte, or 0xff and three bytes from 255 up).
 * The same file path, name and interval give the evaluation times of a Prometheus, to the millisecond.
 */
import { xxhash64 } from './xxhash64.ts';

const NANOSECONDS = 1_000_000n;

/** The group's distance from the multiples of its interval, in whole ms, 0 ≤ offset < interval. */
export function evaluationOffset(file: string, name: string, intervalMs: number): number {
  const bytes = [...sized('file'), ...sized(file), ...sized('name'), ...sized(name)];
  const offset = xxhash64(Uint8Array.from(bytes)) % (BigInt(intervalMs) * NANOSECONDS);
  return Number(offset / NANOSECONDS);
}

/** The newest evaluation time that is not after `nowMs`. */
export function evaluationTime(nowMs: number, intervalMs: number, offsetMs: number): number {
  return Math.floor((nowMs - offsetMs) / intervalMs) * intervalMs + offsetMs;
}

function sized(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  const n = bytes.length;
  const size = n < 255 ? [n] : [255, n & 255, (n >> 8) & 255, (n >> 16) & 255];
  return [...size, ...bytes];
}
