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
    fedAtMs: undefined,
  };

  constructor(topic: Topic) {
    super(topic);
    this.topic = topic;
  }

  /** The same object until something changes. */
  view(): LiveTopic<unknown> {
    const { status, error } = this;
    if (this.#view.status !== status || this.#view.error !== error)
      this.#view = { ...this.#view, status, error };
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
