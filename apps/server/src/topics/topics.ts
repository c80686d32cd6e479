/** Keeps the topics of the live hub true while somebody watches them: services, alerts, server status, demo. */
import type { ServerStatus, Topic } from '@watchroom/contract';
import type { LiveHub } from '@watchroom/live';
import type { Timer } from '@watchroom/model';
import type { ServerContext } from '../context.ts';
import { alertsDocument } from './alerts-topic.ts';
import { Coalesced } from './coalesce.ts';
import { TopicDocument } from './document.ts';
import { servicesDocument } from './services-topic.ts';

const SERVICES_GAP_MS = 200;
const STATUS_EVERY_MS = 2000;
const DEMO_EVERY_MS = 1000;

export class Topics {
  readonly #context: ServerContext;
  readonly #hub: LiveHub;
  readonly #documents = new Map<Topic, TopicDocument>();
  readonly #services: Coalesced;
  #statusTimer: Timer | undefined;
  #demoTimer: Timer | undefined;
  #closed = false;

  constructor(context: ServerContext, hub: LiveHub) {
    this.#context = context;
    this.#hub = hub;
    this.#services = new Coalesced(context.clock, SERVICES_GAP_MS, () => this.#publishServices());
    hub.onTopicWatched((topic) => this.#catchUp(topic));
  }

  start(): void {
    void this.#demoTick();
  }

  /** A scrape has ended, or the set of targets has changed. */
  targetsChanged(): void {
    if (this.#hub.isWatched('services')) this.#services.request();
  }

  alertsChanged(): void {
    if (this.#hub.isWatched('alerts')) this.#publishAlerts();
  }

  statusChanged(): void {
    if (this.#hub.isWatched('status')) this.#publishStatus();
  }

  async refreshDemo(): Promise<void> {
    const status = await this.#context.demo.status();
    if (!this.#closed) this.#publish('demo', [['incident', status]]);
  }

  close(): void {
    this.#closed = true;
    this.#services.close();
    this.#statusTimer?.cancel();
    this.#demoTimer?.cancel();
  }

  /** The demo's state is asked for all the time: it comes from another server. */
  #catchUp(topic: Topic): void {
    if (topic === 'services') this.#publishServices();
    else if (topic === 'alerts') this.#publishAlerts();
    else if (topic === 'status') {
      this.#publishStatus();
      if (!this.#statusTimer) this.#scheduleStatus();
    }
  }

  #publishServices(): void {
    const { scrape, clock } = this.#context;
    this.#publish('services', servicesDocument(scrape.targets()), clock.now());
  }

  #publishAlerts(): void {
    this.#publish('alerts', alertsDocument(this.#context.rules.alerts()), this.#context.clock.now());
  }

  #publishStatus(): void {
    this.#publish('status', [['server', this.#status()]]);
  }

  #publish(topic: Topic, entries: Iterable<readonly [string, unknown]>, fedAtMs?: number): void {
    let document = this.#documents.get(topic);
    if (!document) {
      document = new TopicDocument();
      this.#documents.set(topic, document);
    }
    const change = document.update(entries);
    if (change) this.#hub.publishTopic(topic, change.set, change.remove, fedAtMs);
  }

  /** While somebody watches it. */
  #scheduleStatus(): void {
    this.#statusTimer = this.#context.clock.after(STATUS_EVERY_MS, () => {
      this.#statusTimer = undefined;
      if (this.#closed || !this.#hub.isWatched('status')) return;
      this.#publishStatus();
      this.#scheduleStatus();
    });
  }

  async #demoTick(): Promise<void> {
    await this.refreshDemo();
    if (this.#closed || !this.#context.demo.isConfigured) return;
    this.#demoTimer = this.#context.clock.after(DEMO_EVERY_MS, () => void this.#demoTick());
  }

  #status(): ServerStatus {
    const { configuration, store, demo, version, startedAtMs, paint } = this.#context;
    const { ok, file, loadedAtMs, error } = configuration.status;
    const { series, diskBytes } = store.stats();
    return {
      version,
      startedAtMs,
      demo: demo.isConfigured,
      config: { ok, file, loadedAtMs, error },
      store: { series, bytes: diskBytes, problems: store.problems().map((problem) => problem.reason) },
      sampleToPixel: paint.summary(),
      outages: store.outages(),
    };
  }
}
