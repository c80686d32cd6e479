/**
 * One subscription's place in its sequence. Each subscription has a wire id of its own; its first frame is a snapshot or
 * a fill, then deltas follow one by one. What does not fit is refused here, so that no point is lost or doubled:
 * a frame seen before is skipped, a hole or another epoch asks for the channel to be subscribed again.
 */
import type { Have, ProblemMessage, SubscribeMessage } from '@watchroom/contract';
import { Listeners } from './listeners.ts';

export type Verdict = 'apply' | 'skip' | 'resubscribe';

interface Numbered {
  readonly kind: 'snapshot' | 'fill' | 'delta';
  readonly epoch: string;
  readonly seq: number;
}

export abstract class Channel<F extends Numbered> {
  /** Names the subscription on the page: equal keys share one channel. */
  readonly key: string;
  status: 'loading' | 'live' | 'error' = 'loading';
  error: string | undefined;
  /** From the loss of the connection until the first frame after it: what is shown may be old. */
  stale = false;
  /** The id of the present subscription on the wire. */
  wireId = '';
  /** Frames skipped because they had been applied already, and holes found. */
  readonly counts = { applied: 0, skipped: 0, holes: 0, problems: 0 };
  readonly listeners = new Listeners();
  #epoch: string | undefined;
  #seq: number | undefined;
  #fresh = true;

  constructor(key: string) {
    this.key = key;
  }

  /** A new subscription begins under `wireId`. */
  open(wireId: string): SubscribeMessage {
    this.wireId = wireId;
    this.#fresh = true;
    const { channel, toMs } = this.ask();
    if (this.#epoch === undefined || this.#seq === undefined) return { id: wireId, channel };
    const have: Have = { epoch: this.#epoch, seq: this.#seq, toMs };
    return { id: wireId, channel, have };
  }

  /** Calls `listener` after each applied frame and change of status; returns the way to stop. */
  subscribe(listener: () => void): () => void {
    return this.listeners.add(listener);
  }

  /** Applies the frame when it is the next one. */
  take(frame: F): Verdict {
    const verdict = this.#judge(frame);
    if (verdict === 'skip') this.counts.skipped++;
    if (verdict === 'resubscribe') this.counts.holes++;
    if (verdict !== 'apply') return verdict;
    this.#fresh = false;
    this.#epoch = frame.epoch;
    this.#seq = frame.seq;
    this.status = 'live';
    this.stale = false;
    this.error = undefined;
    this.counts.applied++;
    this.apply(frame);
    this.listeners.call();
    return 'apply';
  }

  fail(problem: ProblemMessage): void {
    this.counts.problems++;
    this.status = 'error';
    this.error = problem.message;
    this.listeners.call();
  }

  /** The connection is cut. */
  markStale(): void {
    if (this.stale) return;
    this.stale = true;
    this.listeners.call();
  }

  /** What to subscribe to, and the last time already held. */
  protected abstract ask(): { readonly channel: SubscribeMessage['channel']; readonly toMs: number };
  protected abstract apply(frame: F): void;

  #judge(frame: F): Verdict {
    if (frame.kind !== 'delta') return 'apply';
    if (this.#fresh) return 'skip';
    if (frame.epoch !== this.#epoch) return 'resubscribe';
    const expected = this.#seq! + 1;
    if (frame.seq === expected) return 'apply';
    return frame.seq < expected ? 'skip' : 'resubscribe';
  }
}
