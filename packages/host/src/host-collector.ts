/**
 * This machine's metrics under node_exporter's names (https://github.com/prometheus/node_exporter), as text format 0.0.4.
 * A collector that fails is reported by node_scrape_collector_success and in the log, and costs the others nothing.
 */
import { existsSync } from 'node:fs';
import type { Collector, CollectorContext } from './collector.ts';
import { CpuCollector, loadavgCollector, statCollector } from './collectors/cpu.ts';
import { DiskstatsCollector } from './collectors/disk.ts';
import { FilesystemCollector } from './collectors/filesystem.ts';
import { cpufreqCollector, thermalCollector } from './collectors/hardware.ts';
import { meminfoCollector, pressureCollector, vmstatCollector } from './collectors/memory.ts';
import { netclassCollector, netdevCollector } from './collectors/network.ts';
import {
  portableBootCollector,
  portableCpuCollector,
  portableLoadCollector,
  portableMemoryCollector,
} from './collectors/portable.ts';
import {
  arpCollector,
  conntrackCollector,
  NetstatCollector,
  sockstatCollector,
  softnetCollector,
  udpQueuesCollector,
} from './collectors/sockets.ts';
import {
  entropyCollector,
  filefdCollector,
  hungTasksCollector,
  osCollector,
  selinuxCollector,
  timeCollector,
  unameCollector,
} from './collectors/system.ts';
import { Exposition, labelText } from './exposition.ts';
import { FileReader } from './file-reader.ts';

export interface HostCollectorOptions {
  readonly procRoot?: string | undefined;
  readonly sysRoot?: string | undefined;
  /** Where the machine's file system is mounted, for a server in a container. */
  readonly rootfs?: string | undefined;
  /** Wall time in ms. */
  readonly now?: (() => number) | undefined;
  /** Told once when a collector begins to fail, and again when its reason changes. */
  readonly log?: ((message: string) => void) | undefined;
  /** Collectors to run in place of the system's own. */
  readonly collectors?: readonly Collector[] | undefined;
}

export class HostCollector {
  readonly #context: CollectorContext;
  readonly #collectors: readonly Collector[];
  readonly #log: (message: string) => void;
  readonly #failures = new Map<string, string>();

  constructor(options: HostCollectorOptions = {}) {
    this.#context = {
      procRoot: options.procRoot ?? '/proc',
      sysRoot: options.sysRoot ?? '/sys',
      rootfs: options.rootfs ?? '/',
      files: new FileReader(),
      now: options.now ?? Date.now,
    };
    this.#log = options.log ?? (() => undefined);
    const hasProc = existsSync(`${this.#context.procRoot}/stat`);
    this.#collectors = options.collectors ?? (hasProc ? linuxCollectors() : portableCollectors());
  }

  /** The machine now. Never rejects. */
  async collect(): Promise<string> {
    const out = new Exposition();
    const outcomes: [name: string, seconds: number, ok: boolean][] = [];
    for (const collector of this.#collectors) {
      const startedMs = performance.now();
      const ok = await this.#run(collector, out);
      outcomes.push([collector.name, (performance.now() - startedMs) / 1000, ok]);
    }
    const success = 'Whether the collector succeeded.';
    const duration = 'Time the collector took.';
    for (const [name, seconds, ok] of outcomes) {
      const labels = labelText([['collector', name]]);
      out.gauge('node_scrape_collector_duration_seconds', duration, seconds, labels);
      out.gauge('node_scrape_collector_success', success, ok ? 1 : 0, labels);
    }
    return out.toString();
  }

  /** Closes the files it keeps open. */
  close(): void {
    this.#context.files.close();
  }

  async #run(collector: Collector, out: Exposition): Promise<boolean> {
    try {
      await collector.collect(out, this.#context);
      this.#failures.delete(collector.name);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#failures.get(collector.name) !== reason)
        this.#log(`host collector ${collector.name} failed: ${reason}`);
      this.#failures.set(collector.name, reason);
      return false;
    }
  }
}

function linuxCollectors(): Collector[] {
  return [
    arpCollector,
    conntrackCollector,
    new CpuCollector(),
    cpufreqCollector,
    new DiskstatsCollector(),
    entropyCollector,
    filefdCollector,
    new FilesystemCollector(),
    hungTasksCollector,
    loadavgCollector,
    meminfoCollector,
    netclassCollector,
    netdevCollector,
    new NetstatCollector(),
    osCollector,
    pressureCollector,
    selinuxCollector,
    sockstatCollector,
    softnetCollector,
    statCollector,
    thermalCollector,
    timeCollector,
    udpQueuesCollector,
    unameCollector,
    vmstatCollector,
  ];
}

function portableCollectors(): Collector[] {
  return [
    portableBootCollector,
    portableCpuCollector,
    portableLoadCollector,
    portableMemoryCollector,
    osCollector,
    timeCollector,
    unameCollector,
  ];
}
