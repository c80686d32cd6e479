/** Which requests leave a trace, and the trace's id. A chance apart from the model's, so that traces change no request. */
import { createRandom, type Random } from './random.ts';

/** One request of so many is traced, and every one that takes this long. */
const TRACED_OF = 32;
const SLOW_S = 0.5;

export class TraceIds {
  #random: Random;
  #requests = 0;

  constructor(seed: number) {
    this.#random = createRandom(seed + 2);
  }

  /** The same seed gives the same ids for the same requests. */
  reseed(seed: number): void {
    this.#random = createRandom(seed + 2);
    this.#requests = 0;
  }

  /** 32 hexadecimal digits, as W3C Trace Context has them, or undefined for a request that is not traced. */
  next(seconds: number): string | undefined {
    this.#requests++;
    if (seconds < SLOW_S && this.#requests % TRACED_OF !== 1) return undefined;
    let id = '';
    for (let i = 0; i < 4; i++)
      id += this.#random
        .below(2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return id;
  }
}
