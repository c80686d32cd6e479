/**
 * Gives memory back that a thread's heap has taken for a while and does not need any more. The engine keeps the pages of a heap that
 * has shrunk, and leaves garbage in one that hardly allocates: of 100,000 series' first scrapes 120 MB stayed for good in two
 * threads. A collection that is asked for as the last resort gives all of it back. It halts the thread for a tenth of a second, and
 * with what it collects goes the compiled code that knew of it, two hundred functions of a server that has answered queries; so it
 * is asked for soon after a start, and then only when the heap has been far larger for a while, and seldom.
 *
 * Source: `--expose-gc` and the options of `gc`, https://nodejs.org/docs/latest-v24.x/api/cli.html#--expose-gc
 */
import { getHeapSpaceStatistics } from 'node:v8';
import { type Clock, systemClock } from './clock.ts';

const MB = 1 << 20;
/** While there is much to notice, and after that: what is slack for seconds is so for minutes. */
const LOOK_EVERY_MS = 2_000;
const LATER_EVERY_MS = 10_000;
/** A heap that has not become larger for so long has settled. */
const SETTLED_MS = 4_000;
/**
 * A heap that has grown by so much, from nothing or from what was left the last time, has something to give back: free pages that the
 * engine keeps for later are a third of what a thread has taken when it has read its modules.
 */
const LEAST_GROWTH = 6 * MB;
/** By then there is hot code to lose. */
const FIRST_WITHIN_MS = 20_000;
/** After that: so much less than it was before, and not sooner. */
const LEAST_SLACK = 48 * MB;
const SELDOM_MS = 10 * 60_000;
/** Growth that is not worth waiting for, as a share of the heap. */
const NOISE = 0.1;

export interface SlackOptions {
  readonly clock: Clock;
  /** Bytes that the heap takes now, but for young objects. */
  readonly committed: () => number;
  /** Collects all garbage and gives free pages back. */
  readonly release: () => void;
}

export class HeapSlack {
  readonly #options: SlackOptions;
  #peak = 0;
  #raisedMs: number;
  readonly #startMs: number;
  /** Of the start until something was given back. */
  #releasedMs: number;
  /** What the heap took then. */
  #left = 0;

  constructor(options: SlackOptions) {
    this.#options = options;
    this.#startMs = options.clock.monotonic();
    this.#raisedMs = this.#startMs;
    this.#releasedMs = this.#startMs;
  }

  /** How long to wait for the next look. */
  get waitMs(): number {
    return this.#isEarly(this.#options.clock.monotonic()) ? LOOK_EVERY_MS : LATER_EVERY_MS;
  }

  #isEarly(nowMs: number): boolean {
    return nowMs - this.#startMs <= FIRST_WITHIN_MS;
  }

  /** To be called now and then. */
  look(): void {
    const { clock, committed, release } = this.#options;
    const now = clock.monotonic();
    const bytes = committed();
    if (bytes > this.#peak * (1 + NOISE)) {
      this.#peak = bytes;
      this.#raisedMs = now;
      return;
    }
    if (now - this.#raisedMs < SETTLED_MS) return;
    const isEarly = this.#isEarly(now) && this.#peak - this.#left >= LEAST_GROWTH;
    const isWorthIt = this.#peak - bytes >= LEAST_SLACK && now - this.#releasedMs >= SELDOM_MS;
    if (!isEarly && !isWorthIt) return;
    release();
    this.#releasedMs = now;
    this.#left = committed();
    this.#peak = this.#left;
  }
}

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** Without the room for young objects, which comes back by itself as soon as it has been given back. */
function settledBytes(): number {
  let bytes = 0;
  for (const { space_name, space_size } of getHeapSpaceStatistics()) {
    if (space_name !== 'new_space') bytes += space_size;
  }
  return bytes;
}

/**
 * For the thread it is called in, until that ends; nothing where the runtime was started without `--expose-gc`. `before` is called
 * before each collection.
 */
export function giveHeapBack(before: () => void = () => {}): void {
  const collect = (globalThis as { gc?: Collect }).gc;
  if (!collect) return;
  const slack = new HeapSlack({
    clock: systemClock,
    committed: settledBytes,
    release: () => {
      before();
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    },
  });
  const later = (): void => {
    setTimeout(() => {
      slack.look();
      later();
    }, slack.waitMs).unref();
  };
  later();
}
