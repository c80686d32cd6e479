/** The fetching part: connections and targets by their numbers. */
import type { Clock } from '@watchroom/model';
import { HttpClient } from '../http-client.ts';
import { EarlyTurns } from './early-turns.ts';
import { type FetchContext, FetchLoop } from './fetch-loop.ts';
import { unpackHttp } from './pack-http.ts';
import type { FetchCommand, FetchReport } from './protocol.ts';
import { type RestOptions, Together } from './together.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Of more targets than these there is always one that is about to answer. */
const FEW = 8;

export interface FetchHostOptions {
  readonly clock: Clock;
  /** The proxy variables for `proxy_from_environment`. */
  readonly env: Environment;
  readonly report: (report: FetchReport) => void;
  readonly hasRoom: () => boolean;
  /** So many new targets are asked at a time before their time has come. */
  readonly early: number;
  /** What a server before this one has stored ends then, on the wall. */
  readonly storedUntilMs?: number | undefined;
  /** For a thread that does nothing else, and may halt while answers are about to come. */
  readonly rests?: RestOptions | undefined;
}

export class FetchHost {
  readonly #context: FetchContext;
  readonly #env: Environment;
  readonly #clients = new Map<number, HttpClient>();
  readonly #loops = new Map<number, FetchLoop>();

  constructor({ clock, env, report, hasRoom, early, storedUntilMs, rests }: FetchHostOptions) {
    this.#env = env;
    const client = (id: number): HttpClient => {
      const found = this.#clients.get(id);
      if (!found) throw new Error(`no connections have the number ${id}`);
      return found;
    };
    const turns = new EarlyTurns(early);
    const together = rests && new Together(clock, rests, () => turns.isBusy);
    this.#context = { clock, report, hasRoom, client, early: turns, storedUntilMs, together };
  }

  take(command: FetchCommand): void {
    switch (command.kind) {
      case 'connect':
        this.#clients.set(
          command.client,
          new HttpClient(unpackHttp(command.http), this.#context.clock, this.#env),
        );
        return;
      case 'disconnect':
        this.#clients.get(command.client)?.close();
        this.#clients.delete(command.client);
        return;
      case 'scrape':
        this.#scrape(command.target, command.generation, command.settings);
        return;
      case 'stop':
        void this.#loops.get(command.target)?.stop();
        this.#loops.delete(command.target);
        return;
    }
  }

  /** Whether a target may have something to report within so many ms. */
  expects(withinMs: number): boolean {
    if (this.#loops.size > FEW) return true;
    const byMs = this.#context.clock.monotonic() + withinMs;
    return [...this.#loops.values()].some((loop) => loop.isDueBy(byMs));
  }

  async close(): Promise<void> {
    const loops = [...this.#loops.values()];
    this.#loops.clear();
    await Promise.all(loops.map((loop) => loop.stop()));
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  #scrape(target: number, ...settings: Parameters<FetchLoop['update']>): void {
    const loop = this.#loops.get(target);
    if (loop) loop.update(...settings);
    else this.#loops.set(target, new FetchLoop(this.#context, target, ...settings));
  }
}
