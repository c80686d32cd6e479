import { type FeedEvent, Labels, Matcher } from '@watchroom/model';
import { Engine } from '@watchroom/promql';
import { ManualClock, MemoryStore } from '@watchroom/testkit';
import {
  type AlertUpdate,
  engineQuery,
  parseRuleFile,
  RuleManager,
  type RulesObserver,
} from '../src/index.ts';

/** A multiple of every interval in the tests. */
export const START_MS = 1_700_000_040_000;

export interface Harness {
  readonly clock: ManualClock;
  readonly store: MemoryStore;
  readonly manager: RuleManager;
  readonly feeds: FeedEvent[];
  readonly updates: AlertUpdate[];
  readonly problems: string[];
  readonly missed: number[];
  /** What the engine was asked. */
  readonly queries: string[];
  /** Applies a rule file; a multiple of the interval is an evaluation time. */
  load(text: string): Promise<void>;
  /** Adds a sample at the clock's time. */
  sample(labels: Record<string, string>, value: number): void;
  /** `value@seconds since START_MS`, `stale` for markers, of the one series with the metric name. */
  history(name: string): string[];
}

export function newHarness(before?: Harness): Harness {
  const clock = before?.clock ?? new ManualClock(START_MS);
  const store = before?.store ?? new MemoryStore();
  const feeds: FeedEvent[] = [];
  const updates: AlertUpdate[] = [];
  const problems: string[] = [];
  const missed: number[] = [];
  const queries: string[] = [];
  const engine = engineQuery(new Engine({ clock }), store);
  const observer: RulesObserver = {
    ruleEvaluated() {},
    groupEvaluated() {},
    groupGone() {},
    iterationsMissed: (_group, count) => void missed.push(count),
    problem: (_group, rule, message) => void problems.push(`${rule}: ${message}`),
  };
  const manager = new RuleManager({
    query: (promql, ...rest) => {
      queries.push(promql);
      return engine(promql, ...rest);
    },
    querier: store,
    appendable: store,
    clock,
    observer,
    onFeed: (event) => void feeds.push(event),
    externalLabels: () => ({ site: 'lab' }),
    externalUrl: 'http://wall.example/base/',
    offset: () => 0,
  });
  manager.onAlerts((update) => void updates.push(update));
  return {
    clock,
    store,
    manager,
    feeds,
    updates,
    problems,
    missed,
    queries,
    load: async (text) => {
      const parsed = parseRuleFile(text, 'rules.yml');
      if (parsed.problems.length > 0) throw new Error(JSON.stringify(parsed.problems));
      await manager.apply(parsed.groups, 10_000);
    },
    sample: (labels, value) => store.add(Labels.fromObject(labels), [[clock.now(), value]]),
    history: (name) => historyOf(store, name),
  };
}

function historyOf(store: MemoryStore, name: string): string[] {
  const hints = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER, stepMs: 0, rangeMs: 0, func: '' };
  return store.select([new Matcher('__name__', '=', name)], hints).flatMap(({ timestamps, values }) =>
    Array.from(timestamps, (timeMs, i) => {
      const value = values[i]!;
      return `${Number.isNaN(value) ? 'stale' : value}@${(timeMs - START_MS) / 1000}`;
    }),
  );
}
