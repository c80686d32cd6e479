/**
 * Targets from files: read at the start, when a folder says that something changed, and every refresh interval. A file
 * that cannot be read or parsed keeps the groups it gave before. Source: Prometheus discovery/file/file.go
 */
import { type FSWatcher, watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type FileSdConfig, parseTargetGroups, type TargetGroup } from '@watchroom/config';
import type { Clock, Timer } from '@watchroom/model';
import type { Discoverer } from './discovery.ts';

/** Editors and copies write in steps; a file is read when it has been quiet for this long. */
const SETTLE_MS = 50;

export interface DiscoveryEvents {
  changed(): void;
  refreshed(): void;
  /** A text without secrets. */
  failed(message: string): void;
}

export class FileDiscovery implements Discoverer {
  readonly #config: FileSdConfig;
  readonly #clock: Clock;
  readonly #events: DiscoveryEvents;
  readonly #files = new Map<string, { readonly text: string; readonly groups: readonly TargetGroup[] }>();
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: Timer | undefined;
  #settle: Timer | undefined;
  #reading: Promise<void> | undefined;
  #again = false;
  #closed = false;
  lastError = '';

  constructor(config: FileSdConfig, clock: Clock, events: DiscoveryEvents) {
    this.#config = config;
    this.#clock = clock;
    this.#events = events;
  }

  get groups(): readonly TargetGroup[] {
    return [...this.#files.values()].flatMap((file) => file.groups);
  }

  async start(): Promise<void> {
    this.#watch();
    await this.refresh();
    this.#tick();
  }

  /** Reads all files now; calls that overlap are joined into one more reading. */
  async refresh(): Promise<void> {
    if (this.#reading !== undefined) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#readAll();
    await this.#reading;
    this.#reading = undefined;
    if (!this.#again || this.#closed) return;
    this.#again = false;
    await this.refresh();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#settle?.cancel();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #tick(): void {
    if (this.#closed) return;
    this.#timer = this.#clock.after(this.#config.refreshIntervalMs, () => {
      this.#watch();
      void this.refresh().finally(() => this.#tick());
    });
  }

  /** Watches the folders; one that is not there yet is tried again with the next refresh. */
  #watch(): void {
    for (const folder of new Set(this.#config.files.map((file) => dirname(file)))) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, () => this.#touched());
        const drop = (): void => {
          watcher.close();
          this.#watchers.delete(folder);
        };
        watcher.on('error', drop);
        this.#watchers.set(folder, watcher);
      } catch {
        // The refresh interval finds what the watcher cannot.
      }
    }
  }

  #touched(): void {
    if (this.#closed) return;
    this.#settle?.cancel();
    this.#settle = this.#clock.after(SETTLE_MS, () => void this.refresh());
  }

  async #readAll(): Promise<void> {
    const paths = new Set<string>();
    for (const pattern of this.#config.files) for (const path of await expand(pattern)) paths.add(path);
    let changed = false;
    const faults: string[] = [];
    for (const path of paths) {
      const outcome = await this.#readOne(path);
      if (outcome === 'changed') changed = true;
      else if (outcome !== 'same') {
        faults.push(`${path}: ${outcome.fault}`);
        // A file that is gone takes its targets with it, whether a pattern or its name stands in the configuration.
        if (outcome.fault === 'ENOENT') paths.delete(path);
      }
    }
    for (const path of this.#files.keys()) {
      if (paths.has(path)) continue;
      this.#files.delete(path);
      changed = true;
    }
    if (this.#closed) return;
    this.lastError = faults.join('; ');
    if (faults.length === 0) this.#events.refreshed();
    else this.#events.failed(this.lastError);
    if (changed) this.#events.changed();
  }

  async #readOne(path: string): Promise<'same' | 'changed' | { readonly fault: string }> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      return { fault: error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read' };
    }
    if (this.#files.get(path)?.text === text) return 'same';
    const format = path.toLowerCase().endsWith('.json') ? 'json' : 'yaml';
    const { groups, fault } = parseTargetGroups(text, format, path);
    if (!groups) return { fault };
    const marked = groups.map((group) => ({ ...group, labels: group.labels.with('__meta_filepath', path) }));
    this.#files.set(path, { text, groups: marked });
    return 'changed';
  }
}

/** Existing files of a pattern whose last part may hold one `*`; a plain path is itself. */
async function expand(pattern: string): Promise<readonly string[]> {
  const last = basename(pattern);
  if (!last.includes('*')) return [pattern];
  const [head = '', tail = ''] = last.split('*');
  const folder = dirname(pattern);
  const names = await readdir(folder).catch(() => []);
  const fits = (name: string): boolean =>
    name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail);
  return names
    .filter(fits)
    .sort()
    .map((name) => join(folder, name));
}
