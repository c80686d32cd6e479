/**
 * Remembers changes to points that lay further back than the usual overlap (a slow scrape, samples written with old
 * times), so that a client that was cut then is filled from there. Bounded: the two oldest entries merge into one.
 */
const MOST = 32;

export class LateChanges {
  #entries: { readonly atMs: number; readonly fromMs: number }[] = [];

  /** Points from `fromMs` on changed at `atMs`. */
  add(atMs: number, fromMs: number): void {
    this.#entries.push({ atMs, fromMs });
    if (this.#entries.length <= MOST) return;
    const [a, b, ...rest] = this.#entries;
    this.#entries = [{ atMs: Math.max(a!.atMs, b!.atMs), fromMs: Math.min(a!.fromMs, b!.fromMs) }, ...rest];
  }

  /** The earliest point changed since `sinceMs`; Infinity when none was. */
  since(sinceMs: number): number {
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const { atMs, fromMs } of this.#entries)
      if (atMs >= sinceMs) earliestMs = Math.min(earliestMs, fromMs);
    return earliestMs;
  }
}
