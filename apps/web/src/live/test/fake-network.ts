/** A network between LiveConnections and a LiveHub in one process, with latency, cuts, silence and back pressure. */
import type { PaintReport, SubscribeMessage } from '@watchroom/contract';
import type { ClientSession, LiveHub } from '@watchroom/live';
import type { Clock } from '@watchroom/model';
import type { LiveSocket, SocketFactory, SocketHandlers } from '../socket.ts';

interface Link {
  readonly handlers: SocketHandlers;
  session: ClientSession | undefined;
  /** Both ends still believe in it. */
  up: boolean;
  /** Packets are dropped both ways without either end being told. */
  silent: boolean;
  backedUp: boolean;
  deliveredAt: number;
}

export class FakeNetwork {
  hub: LiveHub | undefined;
  /** Attempts get no answer at all. */
  blackHole = false;
  /** Messages that reached a client. */
  delivered = 0;
  readonly #clock: Clock;
  readonly #latencyMs: () => number;
  readonly #links = new Set<Link>();

  constructor(clock: Clock, latencyMs: () => number) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  readonly open: SocketFactory = (handlers): LiveSocket => {
    const link: Link = {
      handlers,
      session: undefined,
      up: true,
      silent: false,
      backedUp: false,
      deliveredAt: 0,
    };
    this.#links.add(link);
    this.#clock.after(this.#latencyMs(), () => this.#accept(link));
    const toServer = (run: (session: ClientSession) => void) =>
      void this.#clock.after(this.#latencyMs(), () => {
        if (link.up && !link.silent && link.session) run(link.session);
      });
    return {
      emit: (event, message) =>
        toServer((session) => {
          const copy: unknown = JSON.parse(JSON.stringify(message));
          if (event === 'subscribe') session.subscribe(copy as SubscribeMessage);
          else if (event === 'unsubscribe') session.unsubscribe((copy as { id: string }).id);
          else session.painted(copy as PaintReport);
        }),
      askTime: (answer) =>
        toServer(() => {
          const serverMs = this.hub!.now();
          this.#toClient(link, () => answer(serverMs));
        }),
      close: () => this.#end(link),
    };
  };

  get links(): number {
    return this.#links.size;
  }

  /** Resets all connections: both ends are told. */
  cut(): void {
    for (const link of [...this.#links]) {
      this.#end(link);
      link.handlers.closed('transport close');
    }
  }

  /** Drops all packets of the present connections from now on; the server notices after a while. */
  silence(): void {
    for (const link of this.#links) {
      link.silent = true;
      const { session } = link;
      this.#clock.after(18_000, () => session?.close());
    }
  }

  backUp(backedUp: boolean): void {
    for (const link of this.#links) {
      link.backedUp = backedUp;
      if (!backedUp) link.session?.drained();
    }
  }

  #accept(link: Link): void {
    if (!link.up || this.blackHole) {
      link.silent = true;
      return;
    }
    const { hub } = this;
    if (!hub) {
      this.#end(link);
      link.handlers.closed('refused');
      return;
    }
    link.handlers.opened();
    link.session = hub.connect({
      send: (event, message) => {
        const copy: typeof message = JSON.parse(JSON.stringify(message));
        this.#toClient(link, () => {
          this.delivered++;
          link.handlers.message(event, copy);
        });
      },
      isBackedUp: () => link.backedUp,
    });
  }

  /** In order, each after some latency. */
  #toClient(link: Link, run: () => void): void {
    const nowAt = this.#clock.monotonic();
    link.deliveredAt = Math.max(link.deliveredAt, nowAt + this.#latencyMs());
    this.#clock.after(link.deliveredAt - nowAt, () => {
      if (link.up && !link.silent) run();
    });
  }

  #end(link: Link): void {
    link.up = false;
    this.#links.delete(link);
    if (!link.silent) link.session?.close();
  }
}
