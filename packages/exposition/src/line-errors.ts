/** The errors of one body: the first ones in full, all of them counted. */

import type { LineError } from './sink.ts';
import { decode } from './unescape.ts';

const MAX_TEXT = 200;
const NEWLINE = 10;

export class LineErrors {
  readonly list: LineError[] = [];
  count = 0;
  readonly #body: Uint8Array;
  readonly #max: number;
  #line = 1;
  #counted = 0;

  constructor(body: Uint8Array, max: number) {
    this.#body = body;
    this.#max = max;
  }

  /** `at` is the first byte of the entry; positions ascend from call to call. */
  add(at: number, message: string): void {
    this.count++;
    if (this.list.length >= this.#max) return;
    let next = this.#body.indexOf(NEWLINE, this.#counted);
    while (next >= 0 && next < at) {
      this.#line++;
      this.#counted = next + 1;
      next = this.#body.indexOf(NEWLINE, this.#counted);
    }
    const end = next < 0 ? this.#body.length : next;
    const cut = Math.min(end, this.#counted + MAX_TEXT * 4);
    const text = Array.from(decode(this.#body, this.#counted, cut))
      .slice(0, MAX_TEXT)
      .join('');
    this.list.push({ line: this.#line, message, text });
  }
}
