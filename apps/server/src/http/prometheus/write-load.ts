/** Bounds the requests that are on their way at once: bodies lie in memory until they are written. */
export class WriteLoad {
  readonly #mostRequests: number;
  readonly #mostBytes: number;
  #requests = 0;
  #bytes = 0;

  constructor(mostRequests: number, mostBytes: number) {
    this.#mostRequests = mostRequests;
    this.#mostBytes = mostBytes;
  }

  get requests(): number {
    return this.#requests;
  }

  /** False when there is no room for a request of so many bytes; true must be followed by one `release`. */
  take(bytes: number): boolean {
    if (this.#requests >= this.#mostRequests || this.#bytes + bytes > this.#mostBytes) return false;
    this.#requests++;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#requests--;
    this.#bytes -= bytes;
  }
}
