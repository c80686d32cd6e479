/**
 * Label sets one after the other in pages of bytes, given back page by page from the oldest on: outside the heap, where many
 * thousands of small objects would be looked at by each collection.
 */
import type { Labels } from '@watchroom/model';
import { labelsOf } from '../disk/series-text.ts';

const PAGE_BYTES = 65_536;
const encoder = new TextEncoder();

/** Where a label set is; pages are counted from the first that ever was. */
export interface Place {
  readonly page: number;
  readonly offset: number;
  readonly length: number;
}

export class LabelPages {
  #pages: Uint8Array[] = [];
  #firstPage = 0;
  /** Bytes in use of the last page; none can take more before the first label set. */
  #used = PAGE_BYTES;

  get bytes(): number {
    return this.#pages.reduce((sum, page) => sum + page.length, 0);
  }

  add({ names, values }: Labels): Place {
    const text = encoder.encode(JSON.stringify([names, values]));
    if (this.#used + text.length > PAGE_BYTES) {
      this.#pages.push(new Uint8Array(Math.max(PAGE_BYTES, text.length)));
      this.#used = 0;
    }
    const page = this.#pages.at(-1)!;
    const offset = this.#used;
    page.set(text, offset);
    this.#used += text.length;
    return { page: this.#firstPage + this.#pages.length - 1, offset, length: text.length };
  }

  read({ page, offset, length }: Place): Labels {
    const bytes = this.#pages[page - this.#firstPage]!;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString();
    const [names, values] = JSON.parse(text) as unknown[];
    return labelsOf(names, values);
  }

  /** Gives back the pages before `page`. */
  dropBefore(page: number): void {
    const count = Math.min(page - this.#firstPage, this.#pages.length);
    if (count <= 0) return;
    this.#pages = this.#pages.slice(count);
    this.#firstPage += count;
    if (this.#pages.length === 0) this.#used = PAGE_BYTES;
  }
}
