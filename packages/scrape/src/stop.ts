/**
 * What ends a fetch before its time, once: its deadline, or whoever asked for it. In the place of an AbortSignal, of which one and
 * its listeners cost as much as reading a small body.
 */
import type { FetchError } from './http-error.ts';

export class Stop {
  #reason: FetchError | undefined;
  #signal: AbortController | undefined;
  /** Ends what is under way now. */
  current: { destroy(): void } | undefined;
  /** Told of the end. */
  ended: ((reason: FetchError) => void) | undefined;

  /** Set once it has come. */
  get reason(): FetchError | undefined {
    return this.#reason;
  }

  /** For Node's own client. */
  get signal(): AbortSignal {
    this.#signal ??= new AbortController();
    if (this.#reason) this.#signal.abort();
    return this.#signal.signal;
  }

  stop(reason: FetchError): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.current?.destroy();
    this.#signal?.abort();
    this.ended?.(reason);
  }
}
