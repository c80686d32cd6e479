/** One connected client: its subscriptions and its outbox. Messages are taken as already validated. */
import {
  MAX_CHANNELS_PER_CLIENT,
  type PaintReport,
  type ProblemMessage,
  type SubscribeMessage,
  type Topic,
} from '@watchroom/contract';
import type { ClientChannel } from './channel.ts';
import { LiveProblem } from './evaluate.ts';
import { Outbox } from './outbox.ts';
import { QuerySubscription, type SubscriptionContext } from './query-subscription.ts';
import type { SharedQueries } from './shared-queries.ts';
import type { LiveObserver, LiveStats } from './stats.ts';
import { type TopicDocument, TopicSubscription } from './topic-document.ts';

export interface SessionPorts {
  readonly epoch: string;
  readonly now: () => number;
  readonly queries: SharedQueries;
  readonly topics: ReadonlyMap<string, TopicDocument>;
  readonly topicWatched: (topic: Topic) => void;
  readonly stats: LiveStats;
  readonly observer: LiveObserver;
  readonly onClose: (session: ClientSession) => void;
}

export class ClientSession {
  readonly #channel: ClientChannel;
  readonly #ports: SessionPorts;
  readonly #outbox: Outbox;
  readonly #subscriptions = new Map<string, QuerySubscription | TopicSubscription>();
  #closed = false;
  #saidSinceBeat = false;

  constructor(channel: ClientChannel, ports: SessionPorts) {
    this.#channel = {
      send: (event, message) => {
        this.#saidSinceBeat = true;
        channel.send(event, message);
      },
      isBackedUp: () => channel.isBackedUp(),
    };
    this.#ports = ports;
    this.#outbox = new Outbox(this.#channel);
  }

  get subscriptionCount(): number {
    return this.#subscriptions.size;
  }

  /** A known id is subscribed anew. */
  subscribe({ id, channel, have }: SubscribeMessage): void {
    if (this.#closed) return;
    this.unsubscribe(id);
    if (this.#subscriptions.size >= MAX_CHANNELS_PER_CLIENT) {
      this.problem(id, 'limit', `A client may have ${MAX_CHANNELS_PER_CLIENT} channels.`);
      return;
    }
    const context: SubscriptionContext = { ...this.#ports, channel: this.#channel, outbox: this.#outbox };
    try {
      if (channel.kind === 'topic') {
        const document = this.#ports.topics.get(channel.topic)!;
        if (document.listeners.size === 0) this.#ports.topicWatched(channel.topic);
        this.#start(new TopicSubscription(id, document, context));
        return;
      }
      const shared = this.#ports.queries.take(channel.spec);
      const onProblem = (problem: LiveProblem) => this.#failed(id, problem);
      this.#start(new QuerySubscription({ id, shared, have, context, onProblem }));
    } catch (error) {
      if (!(error instanceof LiveProblem)) throw error;
      this.problem(id, error.code, error.message);
    }
  }

  unsubscribe(id: string): void {
    const subscription = this.#subscriptions.get(id);
    if (!subscription) return;
    this.#subscriptions.delete(id);
    this.#ports.stats.subscriptions--;
    subscription.close();
    if (subscription instanceof QuerySubscription) this.#ports.queries.giveBack(subscription.shared);
  }

  painted(report: PaintReport): void {
    this.#ports.stats.paintReports++;
    this.#ports.observer.painted?.(report);
  }

  /** The transport has room again. */
  drained(): void {
    if (!this.#closed) this.#outbox.drain();
  }

  /**
   * Each message tells the time: a beat is for a client that was sent nothing else since the last. It would only tell a slow
   * client an old time: it is left out while others wait.
   */
  beat(): void {
    this.drained();
    if (!this.#outbox.isClear()) this.#ports.stats.beatsSkipped++;
    else if (!this.#saidSinceBeat) this.#channel.send('beat', { serverMs: this.#ports.now() });
    this.#saidSinceBeat = false;
  }

  problem(id: string, code: ProblemMessage['code'], message: string): void {
    this.#ports.stats.problems++;
    this.#ports.observer.problem?.(code, message);
    this.#channel.send('problem', { id, code, message, serverMs: this.#ports.now() });
  }

  /** The client has gone, or is to go. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const id of [...this.#subscriptions.keys()]) this.unsubscribe(id);
    this.#outbox.clear();
    this.#ports.onClose(this);
  }

  #start(subscription: QuerySubscription | TopicSubscription): void {
    this.#subscriptions.set(subscription.id, subscription);
    this.#ports.stats.subscriptions++;
    subscription.start();
  }

  /** `execution` may pass: the channel stays open and its next frame ends the problem. Others close it. */
  #failed(id: string, problem: LiveProblem): void {
    this.problem(id, problem.code, problem.message);
    if (problem.code !== 'execution') this.unsubscribe(id);
  }
}
