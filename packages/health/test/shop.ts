/**
 * Synthetic services: counters that grow at given rates, gauges, and the health rules running over them on a manual clock.
 */
import { Labels } from '@watchroom/model';
import { Engine } from '@watchroom/promql';
import { engineQuery, parseRuleFile, type RuleGroupSpec, RuleManager } from '@watchroom/rules';
import { ManualClock, MemoryStore } from '@watchroom/testkit';
import { explainHealth, type HealthRulesOptions, type HealthSample, healthRules } from '../src/index.ts';

export const INTERVAL_MS = 15_000;
/** A multiple of the interval. */
export const START_MS = 1_700_000_040_000;

/** A service's traffic, per second. */
export interface Situation {
  /** Requests per second by code. */
  readonly codes?: Readonly<Record<string, number>>;
  /** Share of requests within 0.5 s and within 2 s; the rest takes longer. */
  readonly within?: readonly [satisfied: number, tolerated: number];
  readonly saturation?: Readonly<Record<string, number>>;
  /** 1 or 0 per instance. */
  readonly up?: readonly number[];
  /** More gauges of the service. */
  readonly gauges?: Readonly<Record<string, number>>;
}

export const HEALTHY: Situation = {
  codes: { 200: 100 },
  within: [1, 1],
  saturation: { cpu: 0.4, pool: 0.5 },
  up: [1, 1],
};

interface Growing {
  readonly labels: Labels;
  value: number;
}

export class Shop {
  readonly clock = new ManualClock(START_MS);
  readonly store = new MemoryStore();
  readonly engine = new Engine({ clock: this.clock });
  readonly manager: RuleManager;
  readonly #counters = new Map<string, Growing>();
  /** How far ahead of the clock scrapes are stored. */
  #aheadMs = 0;

  constructor() {
    this.manager = new RuleManager({
      query: engineQuery(this.engine, this.store),
      querier: this.store,
      appendable: this.store,
      clock: this.clock,
      offset: () => 0,
    });
  }

  async load(options: HealthRulesOptions = {}): Promise<readonly RuleGroupSpec[]> {
    return this.loadText(healthRules({ intervalMs: INTERVAL_MS, ...options }));
  }

  async loadText(text: string): Promise<readonly RuleGroupSpec[]> {
    const { groups, problems } = parseRuleFile(text, 'health.yml');
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    await this.manager.apply(groups, INTERVAL_MS);
    return groups;
  }

  /** Lives through the situation for some steps of the interval: scrape, then evaluation. */
  async run(service: string, situation: Situation, steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) {
      await this.step(() => this.scrape(service, situation));
    }
  }

  /** Up to the next slot of the rules, with what `scrape` adds stored at the slot's time and before it. */
  async step(scrape: () => void): Promise<void> {
    await this.clock.advance(INTERVAL_MS - 1);
    this.#aheadMs = 1;
    scrape();
    this.#aheadMs = 0;
    await this.clock.advance(1);
  }

  scrape(
    service: string,
    { codes = {}, within = [1, 1], saturation = {}, up = [], gauges = {} }: Situation,
  ): void {
    const base = { service, job: 'shop', instance: 'a' };
    const seconds = INTERVAL_MS / 1000;
    for (const [code, rate] of Object.entries(codes))
      this.#grow({ ...base, __name__: 'http_requests_total', code }, rate * seconds);
    const total = Object.values(codes).reduce((sum, rate) => sum + rate * seconds, 0);
    if (Object.keys(codes).length > 0) this.#histogram(base, total, within);
    for (const [resource, value] of Object.entries(saturation))
      this.#set({ ...base, __name__: 'svc_saturation_ratio', resource }, value);
    for (const [i, value] of up.entries()) this.#set({ ...base, instance: `i${i}`, __name__: 'up' }, value);
    for (const [name, value] of Object.entries(gauges)) this.#set({ ...base, __name__: name }, value);
  }

  /** A machine as node_exporter shows it: shares that are idle and used. */
  scrapeMachine(instance: string, shares: { idle: number; memory: number; disk: number }): void {
    const base = { job: 'node', instance };
    const seconds = INTERVAL_MS / 1000;
    for (const cpu of ['0', '1'])
      this.#grow({ ...base, __name__: 'node_cpu_seconds_total', mode: 'idle', cpu }, shares.idle * seconds);
    this.#set({ ...base, __name__: 'node_memory_MemTotal_bytes' }, 1000);
    this.#set({ ...base, __name__: 'node_memory_MemAvailable_bytes' }, 1000 * (1 - shares.memory));
    const disk = { ...base, mountpoint: '/', device: '/dev/a', fstype: 'ext4' };
    const other = { ...base, mountpoint: '/run', device: 'tmpfs', fstype: 'tmpfs' };
    for (const [labels, used] of [
      [disk, shares.disk],
      [other, 1],
    ] as const) {
      this.#set({ ...labels, __name__: 'node_filesystem_size_bytes' }, 1000);
      this.#set({ ...labels, __name__: 'node_filesystem_avail_bytes' }, 1000 * (1 - used));
    }
  }

  async query(promql: string, timeMs = this.clock.now()): Promise<readonly HealthSample[]> {
    const { value } = await this.engine.instant({ query: promql, timeMs, querier: this.store });
    if (value.type !== 'vector') throw new Error(`${promql} is a ${value.type}`);
    return value.samples;
  }

  /** The score as recorded last; undefined when unknown. */
  async score(service: string): Promise<number | undefined> {
    return (await this.query(`watchroom:health:score{service="${service}"}`))[0]?.value;
  }

  explain(service: string): ReturnType<typeof explainHealth> {
    return explainHealth({
      service,
      timeMs: this.clock.now(),
      query: (promql, timeMs) => this.query(promql, timeMs),
    });
  }

  #histogram(
    base: Record<string, string>,
    total: number,
    [satisfied, tolerated]: readonly [number, number],
  ): void {
    const bounds = { '0.25': satisfied, '0.5': satisfied, '1': satisfied, '2': tolerated, '+Inf': 1 };
    for (const [le, share] of Object.entries(bounds))
      this.#grow({ ...base, __name__: 'http_request_duration_seconds_bucket', le }, total * share);
    this.#grow({ ...base, __name__: 'http_request_duration_seconds_count' }, total);
  }

  #grow(labels: Record<string, string>, by: number): void {
    const key = Labels.fromObject(labels);
    const counter = this.#counters.get(key.key) ?? { labels: key, value: 0 };
    this.#counters.set(key.key, counter);
    counter.value += by;
    this.store.add(key, [[this.clock.now() + this.#aheadMs, counter.value]]);
  }

  #set(labels: Record<string, string>, value: number): void {
    this.store.add(Labels.fromObject(labels), [[this.clock.now() + this.#aheadMs, value]]);
  }
}
