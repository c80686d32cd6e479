/**
 * Memory from /proc/meminfo (proc_meminfo(5)), virtual memory events from /proc/vmstat, and stalls from /proc/pressure
 * (https://docs.kernel.org/accounting/psi.html; totals are in microseconds).
 * meminfo names become metric names as node_exporter makes them: "Active(anon): 12 kB" is node_memory_Active_anon_bytes.
 */
import type { Collector } from '../collector.ts';

export const meminfoCollector: Collector = {
  name: 'meminfo',
  collect(out, { files, procRoot }) {
    for (const line of files.need(`${procRoot}/meminfo`).split('\n')) {
      const match = /^(\S+):\s+(\d+)( kB)?$/.exec(line);
      if (match === null) continue;
      const [, field = '', digits = '', unit] = match;
      const base = field.replace(/\((.*)\)/, '_$1');
      const name = `node_memory_${base}${unit === undefined ? '' : '_bytes'}`;
      const value = Number(digits) * (unit === undefined ? 1 : 1024);
      out.gauge(name, `Memory figure ${field} of the kernel.`, value);
    }
  },
};

const VMSTAT_FIELDS = /^(?:oom_kill|pgpg|pswp|pg.*fault)/;

export const vmstatCollector: Collector = {
  name: 'vmstat',
  collect(out, { files, procRoot }) {
    for (const line of files.need(`${procRoot}/vmstat`).split('\n')) {
      if (!VMSTAT_FIELDS.test(line)) continue;
      const [field = '', digits] = line.split(' ');
      const help = `Virtual memory figure ${field} of the kernel.`;
      out.family(`node_vmstat_${field}`, 'untyped', help).add(Number(digits));
    }
  },
};

/** Resource, kind of line, metric, help. */
const PRESSURE: readonly (readonly [string, string, string, string])[] = [
  ['cpu', 'some', 'node_pressure_cpu_waiting_seconds_total', 'Time in which some task waited for a CPU.'],
  ['io', 'some', 'node_pressure_io_waiting_seconds_total', 'Time in which some task waited for I/O.'],
  [
    'io',
    'full',
    'node_pressure_io_stalled_seconds_total',
    'Time in which no task could go on for want of I/O.',
  ],
  [
    'memory',
    'some',
    'node_pressure_memory_waiting_seconds_total',
    'Time in which some task waited for memory.',
  ],
  [
    'memory',
    'full',
    'node_pressure_memory_stalled_seconds_total',
    'Time in which no task could go on for want of memory.',
  ],
  [
    'irq',
    'full',
    'node_pressure_irq_stalled_seconds_total',
    'Time in which no task could go on because of interrupts.',
  ],
];

export const pressureCollector: Collector = {
  name: 'pressure',
  collect(out, { files, procRoot }) {
    for (const [resource, kind, name, help] of PRESSURE) {
      const text = files.read(`${procRoot}/pressure/${resource}`);
      const match = text === undefined ? null : new RegExp(`^${kind} .*total=(\\d+)`, 'm').exec(text);
      if (match !== null) out.counter(name, help, Number(match[1]) / 1e6);
    }
  },
};
