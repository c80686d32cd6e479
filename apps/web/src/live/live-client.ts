/**
 * The page's channels over one connection. Equal specs share a channel; a channel that nobody holds lingers a little
 * (a page being left often opens the same ones) and is then given back.
 */
import type { QueryFrame, Topic, TopicFrame } from '@watchroom/contract';
import type { Clock, Timer } from '@watchroom/model';
import type { Verdict } from './channel.ts';
import type { ConnectionListener, LiveConnection } from './live-connection.ts';
import { type LiveQuerySpec, QueryChannel, querySpecKey } from './query-channel.ts';
import type { ServerEvent, ServerMessage } from './socket.ts';
import { TopicChannel } from './topic-channel.ts';

type AnyChannel = QueryChannel | TopicChannel;

interface Held {
  readonly channel: AnyChannel;
  holders: number;
  linger: Timer | undefined;
  retry: Timer | undefined;
}

const LINGER_MS = 5000;
/** A channel that the server refused for now (a limit, a right) is asked for again after this. */
const RETRY_REFUSED_MS = 15_000;

export interface LiveClientOptions {
  readonly connection: LiveConnection;
  readonly clock: Clock;
  /** Told the `fedAtMs` of each applied delta, for the sample-to-pixel time. */
  readonly onFed?: ((fedAtMs: number) => void) | undefined;
}

export class LiveClient implements ConnectionListener {
  readonly connection: LiveConnection;
  readonly #clock: Clock;
  readonly #onFed: ((fedAtMs: number) => void) | undefined;
  readonly #held = new Map<AnyChannel, Held>();
  /** The channel that newcomers with an equal spec share. */
  readonly #byKey = new Map<string, AnyChannel>();
  readonly #byWireId = new Map<string, Held>();
  #subscriptions = 0;
  #stopWatching: (() => void) | undefined;

  constructor(options: LiveClientOptions) {
    this.connection = options.connection;
    this.#clock = options.clock;
    this.#onFed = options.onFed;
  }

  start(): void {
    this.#stopWatching ??= this.connection.watch(() => this.#connectionChanged());
    this.connection.start(this);
  }

  close(): void {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    this.connection.close();
    for (const held of this.#held.values()) {
      held.linger?.cancel();
      held.retry?.cancel();
    }
    this.#held.clear();
    this.#byKey.clear();
    this.#byWireId.clear();
  }

  /** The channel for a spec; unless it is held soon, it is given back again. */
  query(spec: LiveQuerySpec): QueryChannel {
    const known = this.#byKey.get(`query ${querySpecKey(spec)}`);
    return known instanceof QueryChannel ? known : this.#share(new QueryChannel(spec));
  }

  topic(topic: Topic): TopicChannel {
    const known = this.#byKey.get(`topic ${topic}`);
    return known instanceof TopicChannel ? known : this.#share(new TopicChannel(topic));
  }

  /** Keeps a channel subscribed, also one that had been given back; returns the way to let go. */
  hold(channel: AnyChannel): () => void {
    const held = this.#held.get(channel) ?? this.#add(channel);
    held.holders++;
    held.linger?.cancel();
    let holding = true;
    return () => {
      if (!holding) return;
      holding = false;
      if (--held.holders === 0) this.#linger(held);
    };
  }

  /** All channels, for diagnostics. */
  channels(): AnyChannel[] {
    return [...this.#held.keys()];
  }

  connected(): void {
    this.#byWireId.clear();
    for (const held of this.#held.values()) this.#subscribe(held);
  }

  message<E extends ServerEvent>(event: E, message: ServerMessage<E>): void {
    if (event === 'frame') this.#queryFrame(message as ServerMessage<'frame'>);
    else if (event === 'topic') this.#topicFrame(message as ServerMessage<'topic'>);
    else if (event === 'problem') this.#problem(message as ServerMessage<'problem'>);
  }

  #connectionChanged(): void {
    if (this.connection.status.state === 'live') return;
    for (const channel of this.#held.keys()) channel.markStale();
  }

  #share<C extends AnyChannel>(channel: C): C {
    this.#byKey.set(keyOf(channel), channel);
    this.#linger(this.#add(channel));
    return channel;
  }

  #add(channel: AnyChannel): Held {
    const held: Held = { channel, holders: 0, linger: undefined, retry: undefined };
    this.#held.set(channel, held);
    if (!this.#byKey.has(keyOf(channel))) this.#byKey.set(keyOf(channel), channel);
    this.#subscribe(held);
    return held;
  }

  #linger(held: Held): void {
    held.linger?.cancel();
    held.linger = this.#clock.after(LINGER_MS, () => {
      this.#held.delete(held.channel);
      const key = keyOf(held.channel);
      if (this.#byKey.get(key) === held.channel) this.#byKey.delete(key);
      this.#leave(held);
    });
  }

  #leave(held: Held): void {
    held.retry?.cancel();
    if (!this.#byWireId.delete(held.channel.wireId)) return;
    this.connection.emit('unsubscribe', { id: held.channel.wireId });
  }

  #subscribe(held: Held): void {
    held.retry?.cancel();
    const wireId = `c${++this.#subscriptions}`;
    if (this.connection.status.state !== 'live') return;
    if (!this.connection.emit('subscribe', held.channel.open(wireId))) return;
    this.#byWireId.set(wireId, held);
  }

  #queryFrame(frame: QueryFrame): void {
    const held = this.#byWireId.get(frame.id);
    if (held?.channel instanceof QueryChannel) this.#taken(held, held.channel.take(frame), frame);
  }

  #topicFrame(frame: TopicFrame): void {
    const held = this.#byWireId.get(frame.id);
    if (held?.channel instanceof TopicChannel) this.#taken(held, held.channel.take(frame), frame);
  }

  #taken(held: Held, verdict: Verdict, { kind, fedAtMs }: QueryFrame | TopicFrame): void {
    if (verdict === 'apply' && kind === 'delta' && fedAtMs !== undefined) this.#onFed?.(fedAtMs);
    if (verdict !== 'resubscribe') return;
    this.#leave(held);
    this.#subscribe(held);
  }

  #problem(problem: ServerMessage<'problem'>): void {
    const held = this.#byWireId.get(problem.id);
    if (!held) return;
    held.channel.fail(problem);
    if (problem.code === 'execution') return;
    this.#byWireId.delete(problem.id);
    if (problem.code !== 'limit' && problem.code !== 'forbidden') return;
    held.retry = this.#clock.after(RETRY_REFUSED_MS, () => this.#subscribe(held));
  }
}

function keyOf(channel: AnyChannel): string {
  return channel instanceof QueryChannel ? `query ${channel.key}` : `topic ${channel.key}`;
}
