import { Labels, Matcher, type NativeHistogram } from '@watchroom/model';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Harness, newHarness, START_MS } from './harness.ts';

let h: Harness;
beforeEach(() => {
  h = newHarness();
});

const group = (rules: string, head = 'interval: 10s'): string =>
  `groups:\n- name: g\n  ${head}\n  rules:\n${rules.trim().replace(/^/gm, '  ')}\n`;

const HISTOGRAM: NativeHistogram = {
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 3,
  sum: 5,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveBuckets: [1, 2],
  negativeSpans: [],
  negativeBuckets: [],
  customBounds: [],
  resetHint: 'gauge',
};

const UP_ALERT = `
- alert: Down
  expr: up == 0
  for: 20s
  labels: {severity: page, who: "{{ $labels.job }}-{{ $externalLabels.site }}"}
  annotations: {text: "{{ $value }} at {{ $externalURL }}; {{ with query \\"count(up)\\" }}{{ . | first | value }}{{ end }} in all"}
`;

const states = (): string[] => h.manager.alerts().map((alert) => alert.state);

describe('recording rules', () => {
  it('run in order at the slots of their group, each seeing what the one before wrote', async () => {
    await h.load(
      group(`
- {record: twice, expr: 2 * x, labels: {kind: double}}
- {record: more, expr: twice + 1}
`),
    );
    h.sample({ __name__: 'x', job: 'a' }, 3);
    await h.clock.advance(25_000);
    expect(h.history('twice')).toEqual(['6@10', '6@20']);
    expect(h.history('more')).toEqual(['7@10', '7@20']);
    expect(h.store.series([], { startMs: 0, endMs: 2e12 }).map(String)).toContain(
      'twice{job="a", kind="double"}',
    );
  });

  it('say what they wrote, with one set of names', async () => {
    await h.load(group(`- {record: one, expr: vector(1)}`));
    await h.clock.advance(20_000);
    expect(h.feeds.map((feed) => [feed.sampleTimeMs, feed.source])).toEqual([
      [START_MS + 10_000, 'rule'],
      [START_MS + 20_000, 'rule'],
    ]);
    expect([...h.feeds[0]!.metricNames]).toEqual(['one']);
    expect(h.feeds[0]!.metricNames).toBe(h.feeds[1]!.metricNames);
  });

  it('mark a series stale when they no longer give it', async () => {
    await h.load(group('- {record: busy, expr: x > 1}'));
    h.sample({ __name__: 'x' }, 2);
    await h.clock.advance(10_000);
    h.sample({ __name__: 'x' }, 0);
    await h.clock.advance(20_000);
    expect(h.history('busy')).toEqual(['2@10', 'stale@20']);
  });

  it('tell one series from another that comes in its place', async () => {
    await h.load(group('- {record: busy, expr: x > 1}'));
    h.sample({ __name__: 'x', i: '1' }, 2);
    h.sample({ __name__: 'x', i: '2' }, 0);
    await h.clock.advance(10_000);
    h.sample({ __name__: 'x', i: '1' }, 0);
    h.sample({ __name__: 'x', i: '2' }, 3);
    await h.clock.advance(20_000);
    expect(h.history('busy')).toEqual(['2@10', 'stale@20', '3@20', '3@30']);
  });

  it('leave series as they are when an evaluation fails', async () => {
    await h.load(group('- {record: joined, expr: x * on (job) y}'));
    h.sample({ __name__: 'x', job: 'a' }, 2);
    h.sample({ __name__: 'y', job: 'a', n: '1' }, 2);
    await h.clock.advance(10_000);
    h.sample({ __name__: 'y', job: 'a', n: '2' }, 2);
    await h.clock.advance(10_000);
    expect(h.history('joined')).toEqual(['4@10']);
    const [status] = h.manager.groups()[0]!.rules;
    expect(status).toMatchObject({ health: 'err', lastEvaluationMs: START_MS + 20_000 });
    expect(status!.lastError).toContain('many-to-many');
    expect(h.problems[0]).toContain('joined: ');
  });

  it('refuse results that become one series, and more series than the limit', async () => {
    await h.load(
      group(
        `
- {record: same, expr: x, labels: {job: all}}
- {record: many, expr: x}
`,
        'limit: 1',
      ),
    );
    h.sample({ __name__: 'x', job: 'a' }, 1);
    h.sample({ __name__: 'x', job: 'b' }, 1);
    await h.clock.advance(10_000);
    expect(h.problems).toEqual([
      'same: vector contains metrics with the same labelset after applying rule labels',
      'many: exceeded limit of 1 with 2 series',
    ]);
    expect(h.history('many')).toEqual([]);
  });

  it('read once what they have in common', async () => {
    const select = h.store.select.bind(h.store);
    const reads: number[] = [];
    h.store.select = (matchers, hints) => {
      reads.push(hints.endMs - START_MS);
      return select(matchers, hints);
    };
    await h.load(
      group(`
- {record: p50, expr: 'quantile(0.5, sum by (job) (rate(x[1m])))'}
- {record: p90, expr: 'quantile(0.9, sum by (job) (rate(x[1m])))'}
- {record: own, expr: sum(p50)}
- {record: again, expr: sum(p50) * 2}
`),
    );
    h.sample({ __name__: 'x', job: 'a' }, 3);
    await h.clock.advance(5000);
    h.sample({ __name__: 'x', job: 'a' }, 8);
    await h.clock.advance(5000);
    expect(reads).toEqual([10_000, 10_000, 10_000]);
    expect(h.history('p90')).toEqual(h.history('p50'));
    expect(h.history('p90').length).toBe(1);
    expect(h.manager.groups()[0]!.samples).toBe(4);
  });

  it('are not asked of the store while there is no series of what they read', async () => {
    const select = h.store.select.bind(h.store);
    let reads: (string | undefined)[] = [];
    h.store.select = (matchers, hints) => {
      reads.push(matchers.find(({ name }) => name === '__name__')?.value);
      return select(matchers, hints);
    };
    await h.load(
      group(`
- {record: sum, expr: 'sum by (job) (rate(x[1m]))'}
- {record: twice, expr: sum * 2}
- {record: none, expr: absent(x)}
- {alert: High, expr: 'twice > 5 and on (job) up'}
`),
    );
    const round = async (): Promise<typeof reads> => {
      reads = [];
      await h.clock.advance(10_000);
      return reads;
    };
    h.sample({ __name__: 'up', job: 'a' }, 1);
    expect(await round()).toEqual(['x']);
    expect(h.history('none')).toEqual(['1@10']);
    expect(h.manager.groups()[0]!.rules.map((rule) => rule.health)).toEqual(Array(4).fill('ok'));
    h.sample({ __name__: 'x', job: 'a' }, 0);
    expect(await round()).toEqual(['x', 'x']);
    h.sample({ __name__: 'x', job: 'a' }, 90);
    h.sample({ __name__: 'up', job: 'a' }, 1);
    expect(await round()).toEqual(['x', 'sum', 'x', 'twice', 'up']);
    expect(h.history('none')).toEqual(['1@10', 'stale@20']);
    expect(states()).toEqual(['firing']);
  });

  it('are asked once where they give the same at any time, and written each time', async () => {
    await h.load(
      group(`
- {record: weight, expr: 'label_replace(vector(35), "of", "a", "", "") or vector(25)', labels: {team: x}}
- {alert: Always, expr: vector(1), for: 10s}
- {record: now, expr: vector(time())}
`),
    );
    await h.clock.advance(20_000);
    const often = (part: string): number => h.queries.filter((query) => query.includes(part)).length;
    expect([often('vector(35)'), often('vector(1)'), often('time()')]).toEqual([1, 1, 2]);
    expect(h.history('weight')).toEqual(['35@10', '35@20', '25@10', '25@20']);
    expect(h.history('now')).toEqual([10, 20].map((s) => `${START_MS / 1000 + s}@${s}`));
    expect(states()).toEqual(['firing']);
    await h.load(group('- {record: weight, expr: vector(25)}'));
    await h.clock.advance(10_000);
    expect(h.history('weight').filter((sample) => sample.includes('@30'))).toEqual([
      'stale@30',
      'stale@30',
      '25@30',
    ]);
  });

  it('that failed are asked again, also where they always give the same', async () => {
    await h.load(group('- {record: bad, expr: \'label_replace(vector(1), "a", "$1", "b", "(")\'}'));
    await h.clock.advance(20_000);
    expect(h.queries.length).toBe(2);
    expect(h.problems.length).toBe(2);
  });

  it('write native histograms', async () => {
    await h.load(
      group(
        '- {record: doubled, expr: h * 2}\n- {alert: Seen, expr: h, annotations: {text: "{{ $value }}"}}',
      ),
    );
    const appender = h.store.appender();
    const ref = appender.series(Labels.fromObject({ __name__: 'h' }));
    appender.appendHistogram(ref, START_MS, HISTOGRAM);
    appender.commit();
    await h.clock.advance(10_000);
    const hints = { startMs: 0, endMs: 2e12, stepMs: 0, rangeMs: 0, func: '' };
    const [series] = h.store.select([new Matcher('__name__', '=', 'doubled')], hints);
    expect(series!.histograms![0]).toMatchObject({ count: 6, sum: 10 });
    expect(h.manager.alerts()[0]!.annotations.get('text')).toBe('{count:3, sum:5, (0.5,1]:1, (1,2]:2}');
  });

  it('query and write the offset earlier', async () => {
    await h.load(group('- {record: late, expr: x}', 'query_offset: 30s'));
    h.sample({ __name__: 'x' }, 1);
    await h.clock.advance(30_000);
    expect(h.history('late')).toEqual(['1@0']);
  });
});

describe('alerting rules', () => {
  beforeEach(() => h.load(group(UP_ALERT)));

  const set = (value: number): void => h.sample({ __name__: 'up', job: 'a' }, value);

  it('pend, fire, resolve, and stay listed for 15 minutes', async () => {
    set(0);
    await h.clock.advance(10_000);
    expect(states()).toEqual(['pending']);
    await h.clock.advance(20_000);
    expect(states()).toEqual(['firing']);
    const [alert] = h.manager.alerts();
    expect(alert!.labels.toObject()).toEqual({ alertname: 'Down', job: 'a', severity: 'page', who: 'a-lab' });
    expect(alert!.annotations.get('text')).toBe('0 at http://wall.example/base; 1 in all');
    expect(alert).toMatchObject({ activeAtMs: START_MS + 10_000, firedAtMs: START_MS + 30_000 });
    set(1);
    await h.clock.advance(10_000);
    expect(states()).toEqual(['inactive']);
    expect(h.manager.alerts()[0]!.resolvedAtMs).toBe(START_MS + 40_000);
    await h.clock.advance(900_000);
    expect(states()).toEqual(['inactive']);
    await h.clock.advance(10_000);
    expect(states()).toEqual([]);
  });

  it('tell each change once', async () => {
    set(0);
    await h.clock.advance(50_000);
    set(1);
    await h.clock.advance(20_000);
    const told = h.updates.map(({ timeMs, changed }) => `${changed[0]!.state}@${(timeMs - START_MS) / 1000}`);
    expect(told).toEqual(['pending@10', 'firing@30', 'inactive@60']);
  });

  it('tell the end of an alert that never fired', async () => {
    set(0);
    await h.clock.advance(10_000);
    set(1);
    await h.clock.advance(10_000);
    expect(h.updates.at(-1)!.changed[0]).toMatchObject({ state: 'inactive', firedAtMs: undefined });
    expect(states()).toEqual([]);
  });

  it('write ALERTS and ALERTS_FOR_STATE once what came before the start is known', async () => {
    set(0);
    await h.clock.advance(30_000);
    set(1);
    await h.clock.advance(10_000);
    expect(h.history('ALERTS')).toEqual(['1@30', 'stale@40']);
    expect(h.history('ALERTS_FOR_STATE')).toEqual([`${START_MS / 1000 + 10}@30`, 'stale@40']);
    expect(h.store.series([], { startMs: 0, endMs: 2e12 }).map(String)).toContain(
      'ALERTS{alertname="Down", alertstate="firing", job="a", severity="page", who="a-lab"}',
    );
  });

  it('keep their alerts across a reload that changes the rule', async () => {
    set(0);
    await h.clock.advance(30_000);
    await h.load(group(UP_ALERT.replace('for: 20s', 'for: 40s')));
    expect(states()).toEqual(['firing']);
    expect(h.manager.alerts()[0]!.activeAtMs).toBe(START_MS + 10_000);
    await h.clock.advance(10_000);
    expect(states()).toEqual(['firing']);
    expect(h.updates.length).toBe(2);
  });

  it('end when the rule is gone', async () => {
    set(0);
    await h.clock.advance(30_000);
    await h.load(group('- {record: one, expr: vector(1)}'));
    expect(h.updates.at(-1)!.changed[0]).toMatchObject({ state: 'inactive', value: 0 });
    expect(states()).toEqual([]);
  });

  it('show a failing template in the text', async () => {
    await h.load(group('- {alert: A, expr: up, annotations: {text: "{{ .Nothing }}"}}'));
    set(1);
    await h.clock.advance(10_000);
    expect(h.manager.alerts()[0]!.annotations.get('text')).toContain(
      '<error expanding template: error executing template __alert_A',
    );
  });
});

describe('keep_firing_for', () => {
  it('holds a firing alert, and forgets the hold when the condition is back', async () => {
    await h.load(group('- {alert: A, expr: x == 0, keep_firing_for: 30s}'));
    const run = async (value: number): Promise<string> => {
      h.sample({ __name__: 'x' }, value);
      await h.clock.advance(10_000);
      return states().join();
    };
    expect(await run(0)).toBe('firing');
    expect([await run(1), await run(1)]).toEqual(['firing', 'firing']);
    expect(h.manager.alerts()[0]!.keepFiringSinceMs).toBe(START_MS + 20_000);
    expect(await run(0)).toBe('firing');
    expect([await run(1), await run(1), await run(1), await run(1)]).toEqual([
      'firing',
      'firing',
      'firing',
      'inactive',
    ]);
  });
});

describe('reconciling', () => {
  it('leaves an unchanged group alone, whatever lines moved', async () => {
    await h.load(group('- {record: one, expr: vector(1)}'));
    await h.clock.advance(10_000);
    await h.load(`# moved\n${group('- {record: one, expr: vector(1)}')}`);
    expect(h.manager.groups()[0]!.lastEvaluationMs).toBe(START_MS + 10_000);
    await h.clock.advance(10_000);
    expect(h.history('one')).toEqual(['1@10', '1@20']);
  });

  it('ends the series of a rule that is gone at the next evaluation, of a group after two intervals', async () => {
    await h.load(group('- {record: one, expr: vector(1)}\n- {record: two, expr: vector(2)}'));
    await h.clock.advance(10_000);
    await h.load(group('- {record: one, expr: vector(1)}'));
    await h.clock.advance(10_000);
    expect(h.history('two')).toEqual(['2@10', 'stale@20']);
    await h.clock.advance(5000);
    await h.load('groups: []');
    expect(h.manager.groups()).toEqual([]);
    await h.clock.advance(30_000);
    expect(h.history('one')).toEqual(['1@10', '1@20', 'stale@25']);
  });

  it('stops at close', async () => {
    await h.load(group('- {record: one, expr: vector(1)}'));
    await h.manager.close();
    await h.clock.advance(60_000);
    expect(h.history('one')).toEqual([]);
    expect(h.clock.pendingTimers).toBe(0);
  });
});

describe('a restart', () => {
  const SLOW = '- {alert: Slow, expr: up == 0, for: 30m}';

  it('brings back how long an alert has been pending', async () => {
    await h.load(group(SLOW, 'interval: 1m'));
    h.sample({ __name__: 'up' }, 0);
    await h.clock.advance(180_000);
    const [before] = h.manager.alerts();
    await h.manager.close();
    await h.clock.advance(60_000);
    h = newHarness(h);
    h.sample({ __name__: 'up' }, 0);
    await h.load(group(SLOW, 'interval: 1m'));
    await h.clock.advance(60_000);
    expect(h.manager.alerts()[0]!.activeAtMs).toBe(START_MS + 300_000);
    await h.clock.advance(60_000);
    // The time that the server was down does not count: from the last sample at 180 s to the lookup at 360 s.
    expect(h.manager.alerts()[0]!.activeAtMs).toBe(before!.activeAtMs + 180_000);
  });

  it('gives an alert that was about to fire ten minutes more', async () => {
    await h.load(group(SLOW, 'interval: 1m'));
    for (let minute = 0; minute < 26; minute++) {
      h.sample({ __name__: 'up' }, 0);
      await h.clock.advance(60_000);
    }
    await h.manager.close();
    h = newHarness(h);
    h.sample({ __name__: 'up' }, 0);
    await h.load(group(SLOW, 'interval: 1m'));
    await h.clock.advance(120_000);
    const restoredMs = START_MS + 28 * 60_000;
    expect(h.manager.alerts()[0]!.activeAtMs).toBe(restoredMs + 10 * 60_000 - 30 * 60_000);
  });

  it('does not bring back what is older than an hour', async () => {
    await h.load(group(SLOW, 'interval: 1m'));
    h.sample({ __name__: 'up' }, 0);
    await h.clock.advance(180_000);
    await h.manager.close();
    await h.clock.advance(3_600_000);
    h = newHarness(h);
    h.sample({ __name__: 'up' }, 0);
    await h.load(group(SLOW, 'interval: 1m'));
    await h.clock.advance(120_000);
    expect(h.manager.alerts()[0]!.activeAtMs).toBe(START_MS + 180_000 + 3_600_000 + 60_000);
  });

  it('does not bring back rules with a short for', async () => {
    await h.load(group(UP_ALERT));
    h.sample({ __name__: 'up', job: 'a' }, 0);
    await h.clock.advance(40_000);
    await h.manager.close();
    h = newHarness(h);
    await h.load(group(UP_ALERT));
    await h.clock.advance(20_000);
    expect(h.manager.alerts()[0]!.activeAtMs).toBe(START_MS + 50_000);
  });
});

describe('slow evaluations', () => {
  it('skip slots and count them', async () => {
    await h.load(group('- {record: one, expr: vector(1)}'));
    await h.clock.advance(10_000);
    // The machine slept: the wall clock went on without timers.
    h.clock.setWall(START_MS + 47_000);
    await h.clock.advance(10_000);
    expect(h.missed).toEqual([3]);
    expect(h.history('one')).toEqual(['1@10', '1@50']);
  });

  it('start over from what the clock says when it is set back', async () => {
    await h.load(group('- {record: one, expr: vector(1)}'));
    h.clock.setWall(START_MS - 3_600_000);
    await h.clock.advance(20_000);
    expect(h.history('one')).toEqual(['1@-3580']);
  });
});

describe('an alert without labels', () => {
  it('can come from a scalar', async () => {
    await h.load(group('- {alert: Always, expr: 1, labels: {a: "{{ $value }}"}}'));
    await h.clock.advance(10_000);
    expect(h.manager.alerts()[0]!.labels.equals(Labels.fromObject({ alertname: 'Always', a: '1' }))).toBe(
      true,
    );
  });
});
