/** What a group costs per evaluation, and an annotation per expansion. */
import { Labels } from '@watchroom/model';
import { Engine } from '@watchroom/promql';
import { ManualClock, MemoryStore } from '@watchroom/testkit';
import { AlertTemplate, engineQuery, parseRuleFile, RuleGroup, silentObserver } from '../src/index.ts';

const SERIES = 500;
const ROUNDS = 50;
const RULES = `groups:
- name: bench
  rules:
  - {record: "x:double", expr: x * 2}
  - {record: "x:sum", expr: "sum by (job) (x:double)"}
  - {alert: High, expr: "x:double > 900", annotations: {text: "{{ $labels.instance }} is at {{ $value | humanize }}"}}
`;

const clock = new ManualClock(1_700_000_000_000);
const store = new MemoryStore();
const { groups } = parseRuleFile(RULES, 'bench.yml');
const group = new RuleGroup(
  groups[0]!,
  1000,
  {
    query: engineQuery(new Engine(), store),
    querier: store,
    appendable: store,
    clock,
    observer: silentObserver,
    externalLabels: {},
    externalUrl: '',
    onAlertingRule: () => {},
  },
  true,
);
for (let i = 0; i < SERIES; i++)
  store.add(Labels.fromObject({ __name__: 'x', job: `j${i % 10}`, instance: `i${i}` }), [[clock.now(), i]]);

const startedMs = performance.now();
for (let round = 0; round < ROUNDS; round++)
  await group.evaluate(clock.now() + round * 1000, new AbortController().signal);
const perRoundMs = (performance.now() - startedMs) / ROUNDS;
const [status] = group.rules.map((rule) => rule.state.health);
console.log(`group of 3 rules over ${SERIES} series: ${perRoundMs.toFixed(2)} ms an evaluation (${status})`);

const template = new AlertTemplate(
  'A',
  '{{ $labels.job }} is at {{ $value | humanizePercentage }} {{ if gt $value 0.5 }}!{{ end }}',
);
const data = { labels: { job: 'a' }, externalLabels: {}, externalUrl: '', value: 0.75 };
const context = { timeMs: 0, externalUrl: '', query: () => [] };
const expandedMs = performance.now();
for (let i = 0; i < 10_000; i++) await template.expand(data, context);
console.log(`template: ${((performance.now() - expandedMs) / 10).toFixed(1)} µs an expansion`);
