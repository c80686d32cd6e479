/** One target's scrapes: each at its time, one at a time, its settings changed between two of them. */
import { ScrapeParser } from '@watchroom/exposition';
import type { Clock, Timer } from '@watchroom/model';
import type { FetchResult, HttpClient } from '../http-client.ts';
import { CANCELED, describeFailure, FetchError } from '../http-error.ts';
import { Schedule, untilPlaceMs } from '../schedule.ts';
import { Stop } from '../stop.ts';
import type { FetchReport, FetchSettings, Reading, ScrapeFault } from './protocol.ts';
import { Recorder } from './recorder.ts';

export interface FetchContext {
  readonly clock: Clock;
  client(id: number): HttpClient;
  report(report: FetchReport): void;
  /** False while what was reported waits to be stored and takes all the memory it may. */
  hasRoom(): boolean;
}

interface Outcome {
  readonly result: FetchResult | undefined;
  readonly endedAtMs: number;
  readonly fault: ScrapeFault | undefined;
}

interface Generation {
  readonly number: number;
  readonly settings: FetchSettings;
  readonly url: URL;
}

export class FetchLoop {
  readonly #context: FetchContext;
  readonly #target: number;
  #current: Generation;
  #next: Generation | undefined;
  #schedule: Schedule;
  #parser: ScrapeParser;
  #recorder = new Recorder();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #missed = 0;
  #ended = false;
  #fetching: Stop | undefined;

  constructor(context: FetchContext, target: number, generation: number, settings: FetchSettings) {
    this.#context = context;
    this.#target = target;
    this.#current = { number: generation, settings, url: new URL(settings.url) };
    this.#parser = new ScrapeParser(settings.parser);
    this.#schedule = this.#firstSchedule();
    this.#arm();
  }

  /** Changes the settings now, or when the scrape that is under way has ended. The phase stays unless the interval changes. */
  update(generation: number, settings: FetchSettings): void {
    this.#next = { number: generation, settings, url: new URL(settings.url) };
    if (!this.#running) this.#switch();
  }

  /** Nothing is reported any more; comes back when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#ended = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#fetching?.stop(new FetchError(CANCELED));
    await this.#running;
  }

  #firstSchedule(): Schedule {
    const { clock } = this.#context;
    const { placeMs, intervalMs } = this.#current.settings;
    return new Schedule(intervalMs, clock.monotonic() + untilPlaceMs(placeMs, intervalMs, clock.now()));
  }

  #arm(): void {
    if (this.#ended) return;
    this.#timer?.cancel();
    const delayMs = this.#schedule.plannedMs - this.#context.clock.monotonic();
    this.#timer = this.#context.clock.after(delayMs, () => {
      this.#running = this.#tick().finally(() => {
        this.#running = undefined;
        if (this.#next) this.#switch();
        else this.#arm();
      });
    });
  }

  #switch(): void {
    const before = this.#current.settings;
    const next = this.#next!;
    this.#next = undefined;
    this.#current = next;
    if (next.settings.parserId !== before.parserId) {
      this.#parser = new ScrapeParser(next.settings.parser);
      this.#recorder = new Recorder();
    }
    if (next.settings.intervalMs !== before.intervalMs) this.#schedule = this.#firstSchedule();
    this.#arm();
  }

  async #tick(): Promise<void> {
    const { clock } = this.#context;
    if (!this.#context.hasRoom()) {
      this.#missed += 1 + this.#schedule.advance(clock.monotonic());
      return;
    }
    const startedMs = clock.monotonic();
    const { sampleTimeMs, lateMs } = this.#schedule.start(clock.now(), startedMs);
    const { result, endedAtMs, fault } = await this.#fetch();
    // A target that was removed meanwhile has nothing more to say.
    const reading = this.#ended ? undefined : result && this.#read(result);
    result?.release();
    if (this.#ended) return;
    const endedMs = clock.monotonic();
    const missed = this.#missed + this.#schedule.advance(endedMs);
    this.#missed = 0;
    this.#context.report({
      target: this.#target,
      generation: this.#current.number,
      sampleTimeMs,
      lateMs,
      durationMs: endedMs - startedMs,
      endedAtMs,
      nextInMs: this.#schedule.plannedMs - endedMs,
      missed,
      bodyBytes: result?.body.length ?? 0,
      fault,
      reading,
    });
  }

  #read({ body, contentType }: FetchResult): Reading {
    this.#recorder.begin();
    return this.#recorder.finish(this.#parser.parse(body, contentType, this.#recorder));
  }

  async #fetch(): Promise<Outcome> {
    const { clock } = this.#context;
    const { settings, url } = this.#current;
    const { forcedError } = settings;
    if (forcedError !== undefined) {
      return { result: undefined, endedAtMs: clock.now(), fault: { message: forcedError, limit: undefined } };
    }
    const stop = new Stop();
    this.#fetching = stop;
    try {
      const result = await this.#context.client(settings.client).get({
        url,
        headers: settings.headers,
        timeoutMs: settings.timeoutMs,
        bodyLimitBytes: settings.bodyLimitBytes,
        stop,
      });
      return { result, endedAtMs: clock.now(), fault: undefined };
    } catch (error) {
      return { result: undefined, endedAtMs: clock.now(), fault: faultOf(url, error) };
    }
  }
}

function faultOf(url: URL, error: unknown): ScrapeFault {
  const limit = error instanceof FetchError ? error.limit : undefined;
  const isOwn =
    error instanceof FetchError && (limit !== undefined || error.message.startsWith('server returned'));
  return { message: isOwn ? error.message : describeFailure(url, error), limit };
}
