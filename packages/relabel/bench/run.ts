/** Cost of a rule on a target's labels. Prints nanoseconds per rule; first checks the answers. */
import { Labels } from '@watchroom/model';
import { relabel, relabelRule } from '../src/index.ts';

const labels = Labels.fromObject({
  __address__: '10.0.0.1:9100',
  job: 'node',
  __meta_zone: 'eu-1',
  __name__: 'node_cpu',
});
const rules = [
  relabelRule({ sourceLabels: ['__address__'], regex: '(.+):\\d+', targetLabel: 'host' }),
  relabelRule({ action: 'labelmap', regex: '__meta_(.+)' }),
  relabelRule({ action: 'drop', sourceLabels: ['__name__'], regex: 'go_.*' }),
  relabelRule({ targetLabel: 'team', replacement: 'noc' }),
];
const result = relabel(labels, rules);
if (result?.get('host') !== '10.0.0.1' || result.get('zone') !== 'eu-1') throw new Error('wrong answer');

const ROUNDS = 50_000;
const startMs = performance.now();
for (let i = 0; i < ROUNDS; i++) relabel(labels, rules);
const ns = ((performance.now() - startMs) * 1e6) / ROUNDS / rules.length;
console.log(`relabel: ${ns.toFixed(0)} ns a rule (${rules.length} rules, ${labels.size} labels)`);
