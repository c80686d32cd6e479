/** The configuration in force, and how it is replaced: a faulty file leaves the old one running and says so. */
import { defaultConfig, printConfig, type WatchroomConfig } from '@watchroom/config';
import { type Clock, formatDuration } from '@watchroom/model';
import type { ListenAddress, Log } from './context.ts';
import { type BundleResult, bundleOf, type ConfigBundle, faultsText, loadBundleFile } from './load-bundle.ts';
import { StartError } from './start-error.ts';

export interface ConfigStatus {
  readonly ok: boolean;
  /** Undefined: the built-in configuration. */
  readonly file: string | undefined;
  /** When the configuration in force was loaded. */
  readonly loadedAtMs: number;
  /** Why the last reload was refused. */
  readonly error: string | undefined;
  readonly reloads: number;
  readonly failedReloads: number;
}

export interface ConfigurationOptions {
  readonly file: string | undefined;
  readonly listen: ListenAddress;
  readonly clock: Clock;
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class Configuration {
  readonly #options: ConfigurationOptions;
  #bundle: ConfigBundle;
  #status: ConfigStatus;
  #apply: (bundle: ConfigBundle) => Promise<void> = async () => {};
  #changed: () => void = () => {};
  #queue: Promise<unknown> = Promise.resolve();

  /** Throws StartError with every fault of the file. */
  constructor(options: ConfigurationOptions) {
    this.#options = options;
    const { bundle, problems, warnings } = this.#load();
    if (!bundle) throw new StartError(faultsText(problems));
    for (const warning of warnings) options.log.warn(warning);
    this.#bundle = bundle;
    this.#status = {
      ok: true,
      file: options.file,
      loadedAtMs: options.clock.now(),
      error: undefined,
      reloads: 0,
      failedReloads: 0,
    };
  }

  get current(): WatchroomConfig {
    return this.#bundle.config;
  }

  get bundle(): ConfigBundle {
    return this.#bundle;
  }

  get status(): ConfigStatus {
    return this.#status;
  }

  /** Who puts a bundle into effect, and who is told when the status has changed. Applies the present bundle first. */
  async connect(apply: (bundle: ConfigBundle) => Promise<void>, changed: () => void): Promise<void> {
    this.#apply = apply;
    this.#changed = changed;
    await apply(this.#bundle);
  }

  /** Loads the file again; the faults, or none when the new configuration is in force. Reloads never overlap. */
  reload(): Promise<readonly string[]> {
    const next = this.#queue.then(() => this.#reload());
    this.#queue = next.catch(() => undefined);
    return next;
  }

  printed(): string {
    return printConfig(this.current);
  }

  retentionText(): string {
    const { retentionMs, maxSizeBytes } = this.current.watchroom.storage;
    return `${formatDuration(retentionMs)} or ${Math.round(maxSizeBytes / 2 ** 20)}MiB`;
  }

  async #reload(): Promise<readonly string[]> {
    const { clock, log } = this.#options;
    const { bundle, problems, warnings } = this.#load();
    const former = this.#status;
    if (bundle) {
      await this.#apply(bundle);
      this.#bundle = bundle;
      this.#status = {
        ...former,
        ok: true,
        error: undefined,
        loadedAtMs: clock.now(),
        reloads: former.reloads + 1,
      };
      for (const warning of warnings) log.warn(warning);
      log.info('configuration reloaded');
    } else {
      const failedReloads = former.failedReloads + 1;
      this.#status = {
        ...former,
        ok: false,
        error: problems.join('\n'),
        reloads: former.reloads + 1,
        failedReloads,
      };
      for (const problem of problems) log.error(problem);
      log.error('the configuration was not reloaded; the former one is still running');
    }
    this.#changed();
    return problems;
  }

  #load(): BundleResult {
    const { file, listen, env } = this.#options;
    return file === undefined ? bundleOf(defaultConfig(listen)) : loadBundleFile(file, env);
  }
}
