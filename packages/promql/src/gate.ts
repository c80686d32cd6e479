/** Lets a number of queries run at a time; the others wait in order, up to a bound. */
import { QueryCanceledError, QueryQueueFullError } from './errors.ts';

export class Gate {
  readonly #limit: number;
  readonly #queueLimit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #refused = 0;

  constructor(limit: number, queueLimit: number) {
    this.#limit = limit;
    this.#queueLimit = queueLimit;
  }

  get load(): { running: number; waiting: number; refused: number } {
    return { running: this.#running, waiting: this.#waiting.length, refused: this.#refused };
  }

  /** Resolves to what must be called at the end. Throws QueryQueueFullError, QueryCanceledError. */
  async enter(signal: AbortSignal | undefined): Promise<() => void> {
    if (signal?.aborted) throw new QueryCanceledError('queue');
    if (this.#running >= this.#limit) await this.#wait(signal);
    else this.#running++;
    return () => this.#leave();
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.#queueLimit) {
      this.#refused++;
      throw new QueryQueueFullError(this.#waiting.length);
    }
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal?.removeEventListener('abort', cancel);
        resolve();
      };
      const cancel = (): void => {
        const at = this.#waiting.indexOf(go);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(new QueryCanceledError('queue'));
      };
      this.#waiting.push(go);
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /** Hands the place on to the next that waits. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running--;
  }
}
