/**
 * What one client is still owed. The outbox holds no messages: it holds the subscriptions that have something to say, and
 * each of them says its newest state when its turn comes. So it is bounded by the number of subscriptions, merges by
 * itself, and never sends older data after newer.
 */
import type { ClientChannel } from './channel.ts';

export interface Sender {
  /** Sends what is owed, as it is now. */
  send(): void;
}

export class Outbox {
  readonly #channel: ClientChannel;
  /** In order of waiting. */
  readonly #waiting = new Set<Sender>();

  constructor(channel: ClientChannel) {
    this.#channel = channel;
  }

  /** Whether what is sent now reaches the transport at once. */
  isClear(): boolean {
    return this.#waiting.size === 0 && !this.#channel.isBackedUp();
  }

  /** Sends now when nothing waits, else when the transport has room. */
  offer(sender: Sender): void {
    if (this.isClear()) sender.send();
    else this.#waiting.add(sender);
  }

  withdraw(sender: Sender): void {
    this.#waiting.delete(sender);
  }

  /** The transport has room again. */
  drain(): void {
    for (const sender of this.#waiting) {
      if (this.#channel.isBackedUp()) return;
      this.#waiting.delete(sender);
      sender.send();
    }
  }

  clear(): void {
    this.#waiting.clear();
  }
}
