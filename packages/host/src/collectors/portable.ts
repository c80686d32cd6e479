/** What every system tells through Node: CPU time, memory, load. Used where there is no /proc. */
import os from 'node:os';
import type { Collector } from '../collector.ts';

const MODES = [
  ['user', 'user'],
  ['nice', 'nice'],
  ['sys', 'system'],
  ['idle', 'idle'],
  ['irq', 'irq'],
] as const;

export const portableCpuCollector: Collector = {
  name: 'cpu',
  collect(out) {
    const family = out.family('node_cpu_seconds_total', 'counter', 'Time each CPU has spent in each mode.');
    os.cpus().forEach((cpu, i) => {
      for (const [key, mode] of MODES) family.add(cpu.times[key] / 1000, `{cpu="${i}",mode="${mode}"}`);
    });
  },
};

export const portableMemoryCollector: Collector = {
  name: 'meminfo',
  collect(out) {
    const free = os.freemem();
    out.gauge('node_memory_MemTotal_bytes', 'Memory of the machine.', os.totalmem());
    out.gauge('node_memory_MemFree_bytes', 'Memory that is free.', free);
    out.gauge('node_memory_MemAvailable_bytes', 'Memory that programs can have.', free);
  },
};

/** Windows keeps no load average, and Node then answers zeros: left out there. */
export const portableLoadCollector: Collector = {
  name: 'loadavg',
  collect(out) {
    if (os.platform() === 'win32') return;
    const [one, five, fifteen] = os.loadavg();
    out.gauge('node_load1', 'Load average over 1 minute.', one);
    out.gauge('node_load5', 'Load average over 5 minutes.', five);
    out.gauge('node_load15', 'Load average over 15 minutes.', fifteen);
  },
};

export const portableBootCollector: Collector = {
  name: 'boottime',
  collect(out, { now }) {
    const bootSeconds = Math.round(now() / 1000 - os.uptime());
    out.gauge('node_boot_time_seconds', 'Unix time at which the machine started.', bootSeconds);
  },
};
