/** Targets that are scraped at their offsets into a store, and a query over it: the latest sample within a lookback. */
import type { QuerySpec } from '@watchroom/contract';
import { type Evaluate, type EvaluatedSeries, type LiveHub, LiveProblem } from '@watchroom/live';
import { type Clock, Labels } from '@watchroom/model';

const LOOKBACK_MS = 5000;

interface Target {
  readonly name: string;
  readonly offsetMs: number;
  readonly labels: Labels;
  readonly times: number[];
  readonly values: number[];
  alive: boolean;
}

export class FakeWorld {
  hub: LiveHub | undefined;
  scrapes = 0;
  readonly targets: Target[] = [];
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #metricNames = new Set(['m']);
  #running = true;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  addTarget(name: string): Target {
    const labels = Labels.fromObject({ instance: name });
    const target = { name, offsetMs: this.#random() * 1000, labels, times: [], values: [], alive: true };
    this.targets.push(target);
    this.#clock.after(target.offsetMs, () => this.#scrape(target));
    return target;
  }

  stop(): void {
    this.#running = false;
  }

  /** The values at the grid times, computed afresh from the store as it is now. */
  answer(spec: Pick<QuerySpec, 'query'>, times: readonly number[]): EvaluatedSeries[] {
    const factor = Number(spec.query);
    return this.targets.flatMap(({ labels, times: at, values }) => {
      const points = times.flatMap((timeMs) => {
        const i = at.findLastIndex((sampleMs) => sampleMs <= timeMs);
        return i >= 0 && at[i]! > timeMs - LOOKBACK_MS ? [[timeMs, values[i]! * factor] as const] : [];
      });
      if (points.length === 0) return [];
      return [{ labels, times: points.map(([timeMs]) => timeMs), values: points.map(([, value]) => value) }];
    });
  }

  /** Answers after a random cost with what was stored when it was asked. */
  readonly evaluate: Evaluate = (spec, at) => {
    const times: number[] = [];
    if ('timeMs' in at) times.push(at.timeMs);
    else for (let timeMs = at.startMs; timeMs <= at.endMs; timeMs += at.stepMs) times.push(timeMs);
    const series = this.answer(spec, times);
    if (this.#random() < 0.5) series.reverse();
    if (this.#running && this.#random() < 0.03) throw new LiveProblem('execution', 'a passing failure');
    return new Promise((resolve) => void this.#clock.after(this.#random() * 30, () => resolve({ series })));
  };

  #scrape(target: Target): void {
    if (!this.#running) return;
    const tookMs = this.#random() < 0.1 ? this.#random() * 4000 : this.#random() * 40;
    this.#clock.after(Math.max(1000, tookMs), () => this.#scrape(target));
    if (!target.alive || !this.hub) return;
    const startedMs = this.#clock.now();
    this.#clock.after(tookMs, () => this.#land(target, startedMs));
  }

  #land(target: Target, startedMs: number): void {
    if (!this.hub) return;
    this.scrapes++;
    target.times.push(startedMs);
    target.values.push(Math.floor(this.#random() * 1000));
    const endedAtMs = this.#clock.now();
    const { labels } = target;
    this.hub.onFeed({
      metricNames: this.#metricNames,
      labels,
      sampleTimeMs: startedMs,
      endedAtMs,
      source: 'scrape',
    });
  }
}
