/**
 * The server's time as the page estimates it: monotonic time plus an offset, never the machine's wall clock, which may
 * be wrong by minutes.
 *
 * A beat stamped S and heard at monotonic R says offset ≥ S − R. A round trip that left at L says also offset ≤ S − L.
 * The middle of the narrowest recent round trip is taken, kept inside what newer messages allow. Sleep may stop the
 * monotonic clock: then the next message's bounds exclude the estimate and it steps at once; until then, the sleep as
 * the wall clock counted it is added, so that ages do not stand still when the network is gone after it.
 */
interface RoundTrip {
  readonly atMs: number;
  readonly widthMs: number;
  readonly offsetMs: number;
}

/** How long a narrow round trip outranks newer, wider ones; oscillators drift by less than 50 ppm, 3 ms in this time. */
const KEEP_MS = 60_000;
const KEEP_COUNT = 16;

export class ServerClock {
  readonly #monotonic: () => number;
  #trips: RoundTrip[] = [];
  #offsetMs: number | undefined;
  /** Times that the estimate had to step because a message excluded it. */
  steps = 0;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Estimated server time in ms; undefined before the first message. */
  now(): number | undefined {
    return this.at(this.#monotonic());
  }

  /** Estimated server time of a monotonic time. */
  at(monotonicMs: number): number | undefined {
    return this.#offsetMs === undefined ? undefined : monotonicMs + this.#offsetMs;
  }

  /** Server time minus monotonic time. */
  get offsetMs(): number | undefined {
    return this.#offsetMs;
  }

  /** A message stamped `serverMs` was heard just now. */
  heard(serverMs: number): void {
    const lowestMs = serverMs - this.#monotonic();
    if (this.#offsetMs !== undefined && lowestMs <= this.#offsetMs) return;
    if (this.#offsetMs !== undefined) this.steps++;
    this.#trips = [];
    this.#offsetMs = lowestMs;
  }

  /** The machine slept: monotonic time did not count so many ms. */
  slept(ms: number): void {
    if (this.#offsetMs === undefined) return;
    this.steps++;
    this.#trips = [];
    this.#offsetMs += ms;
  }

  /** A question asked at monotonic `sentMs` was answered just now with `serverMs`. */
  answered(sentMs: number, serverMs: number): void {
    const nowMs = this.#monotonic();
    const lowestMs = serverMs - nowMs;
    const highestMs = serverMs - sentMs;
    if (highestMs < lowestMs) return;
    const trip = { atMs: nowMs, widthMs: highestMs - lowestMs, offsetMs: (lowestMs + highestMs) / 2 };
    const excluded = (old: RoundTrip) => old.offsetMs < lowestMs || old.offsetMs > highestMs;
    if (this.#trips.some(excluded)) this.steps++;
    this.#trips = this.#trips
      .filter((old) => nowMs - old.atMs < KEEP_MS && !excluded(old))
      .slice(1 - KEEP_COUNT);
    this.#trips.push(trip);
    this.#offsetMs = this.#trips.reduce((best, old) => (old.widthMs <= best.widthMs ? old : best)).offsetMs;
  }
}
