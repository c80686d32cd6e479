/** The server's end of the fetching part: numbers connections and targets, and brings reports to whom they are for. */
import type { HttpClientConfig } from '@watchroom/config';
import type { FetchLink, OpenLink } from './link.ts';
import { type PackedHttp, packHttp } from './pack-http.ts';
import type { FetchCommand, FetchReport, FetchSettings } from './protocol.ts';

/** Connections with one configuration. */
export interface FetchConnections {
  readonly id: number;
  close(): void;
}

export interface TargetEvents {
  report(report: FetchReport): void;
  /** The fetching part has lost the target and waits to be told of it again. */
  lost(): void;
}

export class Fetcher {
  readonly #link: FetchLink;
  readonly #connections = new Map<number, PackedHttp>();
  readonly #targets = new Map<number, TargetEvents>();
  /** Targets that answer from `begin` on, with how they are to be scraped then. */
  #held: Map<number, FetchCommand> | undefined = new Map();
  readonly #answersLater: (url: string) => boolean;
  #lastId = 0;

  /** @param answersLater whether a target can only answer from `begin` on, so that it is not asked before. */
  constructor(
    open: OpenLink,
    onRestart: (reason: string) => void,
    answersLater: (url: string) => boolean = () => false,
  ) {
    this.#answersLater = answersLater;
    this.#link = open({
      report: (report) => this.#targets.get(report.target)?.report(report),
      restarted: (reason) => {
        onRestart(reason);
        for (const [client, http] of this.#connections) this.#link.send({ kind: 'connect', client, http });
        for (const events of this.#targets.values()) events.lost();
      },
    });
  }

  /** Reports are given from now on; those that came before have waited and come first. */
  begin(): void {
    this.#link.begin();
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const [, command] of held) this.#link.send(command);
  }

  connect(config: HttpClientConfig): FetchConnections {
    const id = ++this.#lastId;
    const http = packHttp(config);
    this.#connections.set(id, http);
    this.#link.send({ kind: 'connect', client: id, http });
    return {
      id,
      close: () => {
        if (this.#connections.delete(id)) this.#link.send({ kind: 'disconnect', client: id });
      },
    };
  }

  /** Gives the number under which the target is scraped and stopped. */
  register(events: TargetEvents): number {
    const id = ++this.#lastId;
    this.#targets.set(id, events);
    return id;
  }

  scrape(target: number, generation: number, settings: FetchSettings): void {
    const command: FetchCommand = { kind: 'scrape', target, generation, settings };
    this.#held?.delete(target);
    if (this.#held && this.#answersLater(settings.url)) this.#held.set(target, command);
    else this.#link.send(command);
  }

  stop(target: number): void {
    this.#held?.delete(target);
    if (this.#targets.delete(target)) this.#link.send({ kind: 'stop', target });
  }

  close(): Promise<void> {
    this.#targets.clear();
    this.#connections.clear();
    return this.#link.close();
  }
}
