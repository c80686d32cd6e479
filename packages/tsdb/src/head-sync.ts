/** Flushes head.db's journal to the disk now and then: until then a loss of power takes what was written. */
import type { Clock } from '@watchroom/model';
import { messageOf } from './disk/sqlite.ts';
import type { Writer } from './writer/client.ts';

/** Or a little later: a tick comes each half second or second. */
const SYNC_EVERY_MS = 750;

export class HeadSync {
  readonly #clock: Clock;
  readonly #writer: Writer;
  readonly #failed: (message: string) => void;
  #dueMs = 0;
  #running: Promise<void> | undefined;

  /** `failed` counts what the disk refused. */
  constructor(clock: Clock, writer: Writer, failed: (message: string) => void) {
    this.#clock = clock;
    this.#writer = writer;
    this.#failed = failed;
  }

  /** True when it is time for a flush, which begins when `sent` has resolved, so that it is of what was sent, too. */
  tick(sent: Promise<void>): boolean {
    const now = this.#clock.monotonic();
    if (now < this.#dueMs) return false;
    this.#dueMs = now + SYNC_EVERY_MS;
    void sent.then(() => this.run());
    return true;
  }

  /** Resolves when the flush that is under way, or a new one, is done or has failed. */
  run(): Promise<void> {
    this.#running ??= this.#writer
      .request({ kind: 'sync' })
      .then(
        () => {},
        (error: unknown) => this.#failed(messageOf(error)),
      )
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }
}
