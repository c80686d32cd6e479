/**
 * Targets from an HTTP endpoint, asked every refresh interval; the last good answer stays while newer ones fail.
 * Source: https://prometheus.io/docs/prometheus/latest/http_sd/ and Prometheus discovery/http/http.go
 */
import { type HttpSdConfig, parseTargetGroups, type TargetGroup } from '@watchroom/config';
import type { Clock, Timer } from '@watchroom/model';
import type { Discoverer } from './discovery.ts';
import type { DiscoveryEvents } from './file-discovery.ts';
import { HttpClient } from './http-client.ts';
import { CANCELED, describeFailure, FetchError } from './http-error.ts';
import { Stop } from './stop.ts';

const JSON_TYPE = /^application\/json(?:;\s*charset=(?:"utf-8"|utf-8))?$/i;
const LIST_BOUND_BYTES = 64 * 1024 ** 2;

export class HttpDiscovery implements Discoverer {
  readonly #config: HttpSdConfig;
  readonly #clock: Clock;
  readonly #events: DiscoveryEvents;
  readonly #client: HttpClient;
  readonly #version: string;
  #asking: Stop | undefined;
  #closed = false;
  #timer: Timer | undefined;
  #text: string | undefined;
  groups: readonly TargetGroup[] = [];
  lastError = '';

  constructor(
    config: HttpSdConfig,
    clock: Clock,
    events: DiscoveryEvents,
    options: { readonly version: string; readonly env: Readonly<Record<string, string | undefined>> },
  ) {
    this.#config = config;
    this.#clock = clock;
    this.#events = events;
    this.#version = options.version;
    this.#client = new HttpClient(config.http, clock, options.env);
  }

  async start(): Promise<void> {
    await this.#refresh();
    this.#tick();
  }

  close(): void {
    this.#timer?.cancel();
    this.#closed = true;
    this.#asking?.stop(new FetchError(CANCELED));
    this.#client.close();
  }

  #tick(): void {
    if (this.#closed) return;
    this.#timer = this.#clock.after(this.#config.refreshIntervalMs, () => {
      void this.#refresh().finally(() => this.#tick());
    });
  }

  async #refresh(): Promise<void> {
    try {
      const text = await this.#ask();
      if (this.#closed) return;
      const changed = text !== this.#text;
      if (changed) this.#take(text);
      this.lastError = '';
      this.#events.refreshed();
      if (changed) this.#events.changed();
    } catch (error) {
      if (this.#closed) return;
      this.lastError = describeFailure(this.#config.url, error);
      this.#events.failed(this.lastError);
    }
  }

  #take(text: string): void {
    const url = shown(this.#config.url);
    const { groups, fault } = parseTargetGroups(text, 'json', url);
    if (!groups) throw new FetchError(fault);
    this.#text = text;
    this.groups = groups.map((group) => ({ ...group, labels: group.labels.with('__meta_url', url) }));
  }

  async #ask(): Promise<string> {
    const stop = new Stop();
    this.#asking = stop;
    const { body, contentType, release } = await this.#client.get({
      url: this.#config.url,
      headers: {
        accept: 'application/json',
        'user-agent': `watchroom/${this.#version}`,
        'x-prometheus-refresh-interval-seconds': String(this.#config.refreshIntervalMs / 1000),
      },
      timeoutMs: this.#config.refreshIntervalMs,
      bodyLimitBytes: LIST_BOUND_BYTES,
      stop,
    });
    try {
      if (!JSON_TYPE.test((contentType ?? '').trim()))
        throw new FetchError(`unsupported content type ${JSON.stringify(contentType ?? '')}`);
      return Buffer.from(body).toString('utf8');
    } finally {
      release();
    }
  }
}

/** A URL without its password. */
function shown(url: URL): string {
  const copy = new URL(url);
  if (copy.password !== '') copy.password = 'xxxxx';
  return copy.href;
}
