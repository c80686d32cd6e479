/**
 * One connection to the server, kept up for as long as the page lives.
 *
 * | happening | state | what is done |
 * |---|---|---|
 * | first attempt under way | connecting | |
 * | hello | live | listeners subscribe again |
 * | nothing heard for STALE_AFTER_MS (dropped packets, sleep) | stale | transport torn down, next attempt at once |
 * | the wall clock ran on while the monotonic one stood (sleep) | stale | the same; the sleep is added to the server time |
 * | closed, refused or timed out | lost | next attempt after 0.2, 0.5, 1, 1 … s, each ± 25 % |
 */
import { STALE_AFTER_MS } from '@watchroom/contract';
import type { Clock, Timer } from '@watchroom/model';
import { ServerClock } from './server-clock.ts';
import type { LiveSocket, ServerEvent, ServerMessage, SocketFactory } from './socket.ts';
import type { ConnectionState, ConnectionStatus } from './types.ts';

const RETRY_MS = [200, 500, 1000] as const;
/** An attempt that has not said hello by then is given up: dropped packets look like this. */
const ATTEMPT_MS = 2500;
const WATCH_MS = 250;
const ASK_TIME_MS = 5000;

/** What the connection tells the channels. */
export interface ConnectionListener {
  /** A new socket is up: subscribe, nothing carries over from the last one. */
  connected(): void;
  message<E extends ServerEvent>(event: E, message: ServerMessage<E>): void;
}

export interface LiveConnectionOptions {
  readonly open: SocketFactory;
  readonly clock: Clock;
  /** In [0, 1), spreads reconnects. */
  readonly random: () => number;
}

const BLANK: ConnectionStatus = {
  state: 'connecting',
  sinceMs: undefined,
  heardMs: undefined,
  epoch: undefined,
  version: undefined,
  webBuild: undefined,
  outages: [],
};

export class LiveConnection {
  readonly serverClock: ServerClock;
  /** Sockets opened so far. */
  attempts = 0;
  readonly #options: LiveConnectionOptions;
  readonly #watchers = new Set<() => void>();
  #listener: ConnectionListener | undefined;
  #socket: LiveSocket | undefined;
  #greeted = false;
  #failures = 0;
  #heardAt = 0;
  #status: ConnectionStatus = BLANK;
  #retry: Timer | undefined;
  #deadline: Timer | undefined;
  #watch: Timer | undefined;
  /** Wall minus monotonic time: only its leaps count, a wall clock that is wrong by minutes does not matter. */
  #wallLeadMs: number | undefined;
  /** The server clock's offset when sleep was last looked for. */
  #offsetMs: number | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #running = false;

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
    this.serverClock = new ServerClock(() => options.clock.monotonic());
  }

  /** A new object after each change; the same one in between. */
  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Calls `watcher` after each change of status; returns the way to stop. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Starts; messages go to `listener`. */
  start(listener: ConnectionListener): void {
    this.#listener = listener;
    if (this.#running) return;
    this.#running = true;
    this.#attempt();
    this.#watchSilence();
  }

  close(): void {
    this.#running = false;
    this.#watch?.cancel();
    this.#retry?.cancel();
    this.#drop();
    this.#become('connecting');
  }

  /** The page is looked at again, or the network is back: a timer that was put off must not delay the next attempt. */
  nudge(): void {
    if (!this.#running) return;
    this.#checkSilence();
    if (this.#status.state === 'lost') this.#attempt();
  }

  /** False when nothing is connected; the message is then gone. */
  emit(event: 'subscribe' | 'unsubscribe' | 'painted', message: unknown): boolean {
    if (!this.#socket || !this.#greeted) return false;
    this.#socket.emit(event, message);
    return true;
  }

  #attempt(): void {
    this.#drop();
    this.#retry?.cancel();
    this.attempts++;
    this.#deadline = this.#options.clock.after(ATTEMPT_MS, () => this.#failed());
    let current = true;
    const socket = this.#options.open({
      opened: () => current && this.#askTime(),
      closed: () => {
        if (current) this.#failed();
      },
      message: (event, message) => {
        if (current) this.#heard(event, message);
      },
    });
    this.#socket = {
      emit: (event, message) => socket.emit(event, message),
      askTime: (answer) => socket.askTime((serverMs) => current && answer(serverMs)),
      close: () => {
        current = false;
        socket.close();
      },
    };
  }

  #drop(): void {
    this.#deadline?.cancel();
    this.#socket?.close();
    this.#socket = undefined;
    this.#greeted = false;
  }

  #failed(): void {
    this.#drop();
    this.#become('lost');
    const stepMs = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)]!;
    this.#retry?.cancel();
    this.#retry = this.#options.clock.after(stepMs * (0.75 + this.#options.random() / 2), () =>
      this.#attempt(),
    );
  }

  #heard<E extends ServerEvent>(event: E, message: ServerMessage<E>): void {
    this.#heardAt = this.#options.clock.monotonic();
    if ('serverMs' in message) this.serverClock.heard(message.serverMs);
    if (event === 'hello') this.#greet(message as ServerMessage<'hello'>);
    else if (this.#greeted) this.#listener?.message(event, message);
  }

  #greet(hello: ServerMessage<'hello'>): void {
    this.#deadline?.cancel();
    this.#failures = 0;
    const { epoch, version, webBuild, outages } = hello;
    const again = this.#greeted;
    this.#greeted = true;
    this.#become('live', { epoch, version, webBuild, outages });
    if (!again) this.#listener?.connected();
  }

  #watchSilence(): void {
    this.#watch = this.#options.clock.after(WATCH_MS, () => {
      this.#checkSilence();
      this.#watchSilence();
    });
  }

  #checkSilence(): void {
    const slept = this.#noticeSleep();
    if (!this.#greeted) return;
    const nowMs = this.#options.clock.monotonic();
    if (slept || nowMs - this.#heardAt > STALE_AFTER_MS) {
      this.#become('stale');
      this.#attempt();
    } else if (nowMs - this.#askedAt > ASK_TIME_MS) this.#askTime();
  }

  #noticeSleep(): boolean {
    const { clock } = this.#options;
    const leadMs = clock.now() - clock.monotonic();
    const sleptMs = leadMs - (this.#wallLeadMs ?? leadMs);
    const toldMs = (this.serverClock.offsetMs ?? 0) - (this.#offsetMs ?? 0);
    this.#wallLeadMs = leadMs;
    const slept = sleptMs >= STALE_AFTER_MS;
    // A message that came after it, before this was looked at, has told some or all of it.
    if (slept) this.serverClock.slept(Math.max(0, sleptMs - Math.max(0, toldMs)));
    this.#offsetMs = this.serverClock.offsetMs;
    return slept;
  }

  #askTime(): void {
    const sentMs = this.#options.clock.monotonic();
    this.#askedAt = sentMs;
    this.#socket?.askTime((serverMs) => {
      if (!Number.isFinite(serverMs)) return;
      this.#heardAt = this.#options.clock.monotonic();
      this.serverClock.answered(sentMs, serverMs);
    });
  }

  #become(state: ConnectionState, seen: Partial<ConnectionStatus> = {}): void {
    const known = this.#status;
    const changed = state !== known.state;
    if (!changed && Object.keys(seen).length === 0) return;
    const contacted = this.serverClock.offsetMs !== undefined;
    this.#status = {
      ...known,
      ...seen,
      state,
      sinceMs: changed ? this.serverClock.now() : known.sinceMs,
      heardMs: contacted ? this.serverClock.at(this.#heardAt) : undefined,
    };
    for (const watcher of this.#watchers) watcher();
  }
}
