/** A hub on a manual clock with a channel that records. */
import type { QuerySpec, ServerToClient } from '@watchroom/contract';
import { Labels } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import {
  type ClientSession,
  type Evaluate,
  type EvaluatedSeries,
  type FeedFilter,
  LiveHub,
  type LiveHubOptions,
} from '../src/index.ts';

export type Sent = {
  [E in keyof ServerToClient]: { readonly event: E; readonly message: Parameters<ServerToClient[E]>[0] };
}[keyof ServerToClient];

export const START_MS = 1_700_000_000_000;
export const SPEC: QuerySpec = { query: 'm', windowMs: 10_000, stepMs: 1000, head: 'now' };

export class Client {
  readonly sent: Sent[] = [];
  readonly session: ClientSession;
  backedUp = false;

  constructor(hub: LiveHub) {
    this.session = hub.connect({
      send: (event, message) => void this.sent.push({ event, message } as Sent),
      isBackedUp: () => this.backedUp,
    });
  }

  subscribe(
    spec: Partial<QuerySpec> = {},
    have?: { epoch: string; seq: number; toMs: number },
    id = 'q',
  ): void {
    this.session.subscribe({ id, channel: { kind: 'query', spec: { ...SPEC, ...spec } }, have });
  }

  of<E extends keyof ServerToClient>(event: E): Parameters<ServerToClient[E]>[0][] {
    return this.sent.flatMap((sent) =>
      sent.event === event ? [sent.message as Parameters<ServerToClient[E]>[0]] : [],
    );
  }
}

export class World {
  readonly clock = new ManualClock(START_MS);
  readonly hub: LiveHub;
  /** What the query answers at a time, by instance. */
  answer: (timeMs: number) => Record<string, number> = (timeMs) => ({ a: timeMs / 1000 });
  failure: Error | undefined;
  costMs = 0;
  readonly asked: Parameters<Evaluate>[1][] = [];

  constructor(options: Partial<LiveHubOptions> & { filter?: FeedFilter } = {}) {
    this.hub = new LiveHub({
      clock: this.clock,
      epoch: 'run',
      hello: () => ({ version: '1', webBuild: '1', outages: [] }),
      feeds: () => options.filter ?? { selectors: [{ metricName: 'm', equals: [] }] },
      evaluate: (_spec, at) => this.#evaluate(at),
      ...options,
    });
  }

  feed(sampleAgoMs = 0, name = 'm', labels: Record<string, string> = {}): void {
    this.hub.onFeed({
      metricNames: new Set([name]),
      labels: Labels.fromObject(labels),
      sampleTimeMs: this.clock.now() - sampleAgoMs,
      endedAtMs: this.clock.now(),
      source: 'scrape',
    });
  }

  async #evaluate(at: Parameters<Evaluate>[1]): Promise<{ series: EvaluatedSeries[] }> {
    this.asked.push(at);
    if (this.costMs > 0) await new Promise<void>((resolve) => void this.clock.after(this.costMs, resolve));
    if (this.failure) throw this.failure;
    const times: number[] = [];
    if ('timeMs' in at) times.push(at.timeMs);
    else for (let timeMs = at.startMs; timeMs <= at.endMs; timeMs += at.stepMs) times.push(timeMs);
    const columns = new Map<string, [number, number][]>();
    for (const timeMs of times) {
      for (const [instance, value] of Object.entries(this.answer(timeMs))) {
        const column = columns.get(instance) ?? [];
        columns.set(instance, column);
        column.push([timeMs, value]);
      }
    }
    const series = [...columns].map(([instance, points]) => ({
      labels: Labels.fromObject({ instance }),
      times: points.map(([timeMs]) => timeMs),
      values: points.map(([, value]) => value),
    }));
    return { series };
  }
}
