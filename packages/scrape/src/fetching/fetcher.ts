/** The server's end of the fetching part: numbers connections and targets, and brings reports to whom they are for. */
import type { HttpClientConfig } from '@watchroom/config';
import type { FetchLink, OpenLink } from './link.ts';
import { type PackedHttp, packHttp } from './pack-http.ts';
import type { FetchReport, FetchSettings } from './protocol.ts';

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
  #lastId = 0;

  constructor(open: OpenLink, onRestart: (reason: string) => void) {
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
    this.#link.send({ kind: 'scrape', target, generation, settings });
  }

  stop(target: number): void {
    if (this.#targets.delete(target)) this.#link.send({ kind: 'stop', target });
  }

  close(): Promise<void> {
    this.#targets.clear();
    this.#connections.clear();
    return this.#link.close();
  }
}
