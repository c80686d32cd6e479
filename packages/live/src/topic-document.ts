/** A keyed document that the server owns, and one client's view of it. */
import type { Topic } from '@watchroom/contract';
import type { Sender } from './outbox.ts';
import type { SubscriptionContext } from './query-subscription.ts';

export class TopicDocument {
  readonly topic: Topic;
  readonly entries = new Map<string, unknown>();
  readonly listeners = new Set<TopicSubscription>();
  fedAtMs: number | undefined;

  constructor(topic: Topic) {
    this.topic = topic;
  }

  publish(
    set: Readonly<Record<string, unknown>>,
    remove: readonly string[],
    fedAtMs: number | undefined,
  ): void {
    for (const key of remove) this.entries.delete(key);
    for (const [key, value] of Object.entries(set)) this.entries.set(key, value);
    this.fedAtMs = fedAtMs ?? this.fedAtMs;
    const keys = [...remove, ...Object.keys(set)];
    for (const listener of [...this.listeners]) listener.changed(keys, fedAtMs);
  }
}

export class TopicSubscription implements Sender {
  readonly id: string;
  readonly #document: TopicDocument;
  readonly #context: SubscriptionContext;
  /** Keys that changed since the last frame; bounded by the document's keys and those removed. */
  readonly #owedKeys = new Set<string>();
  #owesAll = true;
  #waiting = false;
  #fedAtMs: number | undefined;
  #seq = 0;

  constructor(id: string, document: TopicDocument, context: SubscriptionContext) {
    this.id = id;
    this.#document = document;
    this.#context = context;
  }

  start(): void {
    this.#document.listeners.add(this);
    this.#fedAtMs = this.#document.fedAtMs;
    this.#waiting = true;
    this.#context.outbox.offer(this);
  }

  close(): void {
    this.#document.listeners.delete(this);
    this.#context.outbox.withdraw(this);
  }

  changed(keys: readonly string[], fedAtMs: number | undefined): void {
    if (this.#waiting) this.#context.stats.merged++;
    for (const key of keys) this.#owedKeys.add(key);
    this.#fedAtMs = fedAtMs ?? this.#fedAtMs;
    this.#waiting = true;
    this.#context.outbox.offer(this);
  }

  send(): void {
    const { entries } = this.#document;
    const { channel, stats, epoch, now } = this.#context;
    const all = this.#owesAll;
    const keys = all ? [...entries.keys()] : [...this.#owedKeys].filter((key) => entries.has(key));
    channel.send('topic', {
      id: this.id,
      kind: all ? 'snapshot' : 'delta',
      epoch,
      seq: ++this.#seq,
      serverMs: now(),
      set: Object.fromEntries(keys.map((key) => [key, entries.get(key)])),
      remove: all ? [] : [...this.#owedKeys].filter((key) => !entries.has(key)),
      fedAtMs: this.#fedAtMs,
    });
    stats.topicFrames++;
    this.#owesAll = false;
    this.#waiting = false;
    this.#owedKeys.clear();
    this.#fedAtMs = undefined;
  }
}
