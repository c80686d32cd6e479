import type { Topic, TopicFrame } from '@watchroom/contract';
import { Channel } from './channel.ts';
import type { LiveTopic } from './types.ts';

/** A live document: frames into a map, a new map after each change. */
export class TopicChannel extends Channel<TopicFrame> {
  readonly topic: Topic;
  #view: LiveTopic<unknown> = {
    entries: new Map(),
    status: 'loading',
    error: undefined,
    stale: false,
    fedAtMs: undefined,
  };

  constructor(topic: Topic) {
    super(topic);
    this.topic = topic;
  }

  /** The same object until something changes. */
  view(): LiveTopic<unknown> {
    const { status, error, stale } = this;
    const known = this.#view;
    if (known.status !== status || known.error !== error || known.stale !== stale)
      this.#view = { ...known, status, error, stale };
    return this.#view;
  }

  protected ask() {
    return { channel: { kind: 'topic', topic: this.topic } as const, toMs: 0 };
  }

  protected apply(frame: TopicFrame): void {
    const entries = new Map(frame.kind === 'snapshot' ? [] : this.#view.entries);
    for (const key of frame.remove) entries.delete(key);
    for (const [key, value] of Object.entries(frame.set)) entries.set(key, value);
    this.#view = { ...this.#view, entries, fedAtMs: frame.fedAtMs ?? this.#view.fedAtMs };
  }
}
