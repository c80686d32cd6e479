import { HEARTBEAT_MS, type HelloMessage, PROTOCOL_VERSION, TOPICS, type Topic } from '@watchroom/contract';
import type { Clock, FeedEvent, Timer } from '@watchroom/model';
import type { ClientChannel } from './channel.ts';
import { ClientSession } from './client-session.ts';
import type { Evaluate, FeedFilter } from './evaluate.ts';
import { DEFAULT_LIMITS, type LiveLimits, SharedQueries } from './shared-queries.ts';
import { emptyStats, type LiveObserver, type LiveStats } from './stats.ts';
import { TopicDocument } from './topic-document.ts';

export interface LiveHubOptions {
  readonly clock: Clock;
  /** Names this run of the server. */
  readonly epoch: string;
  readonly evaluate: Evaluate;
  /** Which samples feed a query. Throws LiveProblem `bad_query` when it does not parse. */
  readonly feeds: (query: string) => FeedFilter;
  /** What each client is told first. */
  readonly hello: () => Pick<HelloMessage, 'version' | 'webBuild' | 'outages'>;
  readonly observer?: LiveObserver | undefined;
  readonly limits?: Partial<LiveLimits> | undefined;
}

/** Takes feeds and topics in, keeps shared queries evaluated, and tells each connected client what is new. */
export class LiveHub {
  readonly #options: LiveHubOptions;
  readonly #stats: LiveStats = emptyStats();
  readonly #queries: SharedQueries;
  readonly #topics = new Map<Topic, TopicDocument>(TOPICS.map((topic) => [topic, new TopicDocument(topic)]));
  readonly #sessions = new Set<ClientSession>();
  #onTopicWatched: (topic: Topic) => void = () => {};
  #beat: Timer | undefined;
  #closed = false;

  constructor(options: LiveHubOptions) {
    this.#options = options;
    const { clock, evaluate, feeds, observer = {} } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#queries = new SharedQueries({ clock, evaluate, feeds, limits, stats: this.#stats, observer });
  }

  get epoch(): string {
    return this.#options.epoch;
  }

  /** Server time in ms. */
  now(): number {
    return this.#options.clock.now();
  }

  /** Greets a client; the transport drives the session it gets and closes it when the client has gone. */
  connect(channel: ClientChannel): ClientSession {
    const { epoch, observer = {} } = this.#options;
    const session = new ClientSession(channel, {
      epoch,
      now: () => this.now(),
      queries: this.#queries,
      topics: this.#topics,
      topicWatched: (topic) => this.#onTopicWatched(topic),
      stats: this.#stats,
      observer,
      onClose: (gone) => {
        if (this.#sessions.delete(gone)) this.#stats.clients--;
      },
    });
    this.#sessions.add(session);
    if (!this.#beat) this.#scheduleBeat();
    this.#stats.clients++;
    this.#stats.connects++;
    channel.send('hello', {
      protocol: PROTOCOL_VERSION,
      epoch,
      serverMs: this.now(),
      ...this.#options.hello(),
    });
    return session;
  }

  /** Samples have been committed. */
  onFeed(event: FeedEvent): void {
    if (!this.#closed) this.#queries.feed(event);
  }

  /** Whether a client is subscribed to it: what nobody watches need not be published. */
  isWatched(topic: Topic): boolean {
    return (this.#topics.get(topic)?.listeners.size ?? 0) > 0;
  }

  /** Called when a topic gets its first watcher, before that one is told anything: what is published then it sees. */
  onTopicWatched(listener: (topic: Topic) => void): void {
    this.#onTopicWatched = listener;
  }

  /** Changes a topic's document. `fedAtMs`: when the evaluation behind it had ended. */
  publishTopic(
    topic: Topic,
    set: Readonly<Record<string, unknown>>,
    remove: readonly string[] = [],
    fedAtMs?: number,
  ): void {
    if (!this.#closed) this.#topics.get(topic)?.publish(set, remove, fedAtMs);
  }

  stats(): Readonly<LiveStats> {
    return { ...this.#stats };
  }

  close(): void {
    this.#closed = true;
    this.#beat?.cancel();
    for (const session of [...this.#sessions]) session.close();
    this.#queries.close();
  }

  /** While somebody is connected: a server that nobody looks at need not wake for it. */
  #scheduleBeat(): void {
    this.#beat = this.#options.clock.after(HEARTBEAT_MS, () => {
      this.#beat = undefined;
      if (this.#closed || this.#sessions.size === 0) return;
      this.#scheduleBeat();
      for (const session of [...this.#sessions]) session.beat();
    });
  }
}
