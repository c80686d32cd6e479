/**
 * CPU time and kernel activity from /proc/stat (proc_stat(5)); times are in hundredths of a second (USER_HZ).
 *   cpuN user nice system idle iowait irq softirq steal guest guest_nice
 */
import type { Collector, CollectorContext } from '../collector.ts';
import type { Exposition } from '../exposition.ts';

const USER_HZ = 100;
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const GUEST_MODES = ['user', 'nice'] as const;
/** A fall of a counter by less is the kernel's known jitter of idle and iowait; by more it is a restart of the CPU. */
const MAX_JITTER_SECONDS = 3;

/** Keeps the highest value of each counter seen, so that jitter never looks like a reset. */
export class CpuCollector implements Collector {
  readonly name = 'cpu';
  readonly #highest = new Map<string, number>();

  collect(out: Exposition, { files, procRoot }: CollectorContext): void {
    const time = out.family('node_cpu_seconds_total', 'counter', 'Time each CPU has spent in each mode.');
    const guest = out.family(
      'node_cpu_guest_seconds_total',
      'counter',
      'Time each CPU has spent running virtual machines, by mode.',
    );
    for (const line of files.need(`${procRoot}/stat`).split('\n')) {
      if (!line.startsWith('cpu')) break;
      const parts = line.split(/ +/);
      const cpu = (parts[0] ?? '').slice(3);
      if (cpu === '') continue;
      MODES.forEach((mode, i) => {
        const labels = `{cpu="${cpu}",mode="${mode}"}`;
        if (parts[i + 1] !== undefined)
          time.add(this.#steady(labels, Number(parts[i + 1]) / USER_HZ), labels);
      });
      GUEST_MODES.forEach((mode, i) => {
        const ticks = parts[MODES.length + 1 + i];
        if (ticks !== undefined) guest.add(Number(ticks) / USER_HZ, `{cpu="${cpu}",mode="${mode}"}`);
      });
    }
  }

  #steady(key: string, seconds: number): number {
    const before = this.#highest.get(key);
    if (before !== undefined && seconds < before && before - seconds < MAX_JITTER_SECONDS) return before;
    this.#highest.set(key, seconds);
    return seconds;
  }
}

const COUNTS: readonly (readonly [string, string, 'counter' | 'gauge', string])[] = [
  ['intr', 'node_intr_total', 'counter', 'Interrupts served since boot.'],
  ['ctxt', 'node_context_switches_total', 'counter', 'Context switches since boot.'],
  ['processes', 'node_forks_total', 'counter', 'Processes and threads created since boot.'],
  ['btime', 'node_boot_time_seconds', 'gauge', 'Unix time at which the machine started.'],
  ['procs_running', 'node_procs_running', 'gauge', 'Tasks that are running or ready to run.'],
  ['procs_blocked', 'node_procs_blocked', 'gauge', 'Tasks that wait for I/O.'],
];

export const statCollector: Collector = {
  name: 'stat',
  collect(out, { files, procRoot }) {
    const text = files.need(`${procRoot}/stat`);
    for (const [key, name, type, help] of COUNTS) {
      const at = text.indexOf(`\n${key} `);
      if (at < 0) continue;
      const value = Number.parseFloat(text.slice(at + key.length + 2, at + key.length + 24));
      out.family(name, type, help).add(value);
    }
  },
};

export const loadavgCollector: Collector = {
  name: 'loadavg',
  collect(out, { files, procRoot }) {
    const [one, five, fifteen] = files.need(`${procRoot}/loadavg`).split(' ').map(Number);
    out.gauge('node_load1', 'Load average over 1 minute.', one);
    out.gauge('node_load5', 'Load average over 5 minutes.', five);
    out.gauge('node_load15', 'Load average over 15 minutes.', fifteen);
  },
};
