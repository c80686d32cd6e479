/** CPU time of one collection on this machine, and of its dearest collectors. Checks first that it finds something. */
import { HostCollector } from '../src/index.ts';

const ROUNDS = 200;
const host = new HostCollector();
const text = await host.collect();
if (!text.includes('node_cpu_seconds_total{')) throw new Error('no CPU time found');

const sums = new Map<string, number>();
for (let i = 0; i < ROUNDS / 4; i++) await host.collect();
const before = process.cpuUsage();
for (let i = 0; i < ROUNDS; i++) {
  for (const [, name = '', seconds] of (await host.collect()).matchAll(
    /^node_scrape_collector_duration_seconds\{collector="(\w+)"\} (\S+)$/gm,
  ))
    sums.set(name, (sums.get(name) ?? 0) + (Number(seconds) * 1000) / ROUNDS);
}
const { user, system } = process.cpuUsage(before);
console.log(`${text.length} bytes, ${((user + system) / 1000 / ROUNDS).toFixed(2)} ms CPU a collection`);
for (const [name, ms] of [...sums].sort((a, b) => b[1] - a[1]).slice(0, 8))
  console.log(`${name.padEnd(14)} ${ms.toFixed(3)} ms`);
host.close();
