/** One target's scrapes: each at its time, one at a time, its settings changed between two of them. */
import { ScrapeParser } from '@watchroom/exposition';
import type { Clock, Timer } from '@watchroom/model';
import { inTurns } from '@watchroom/model/turns';
import type { FetchResult, HttpClient } from '../http-client.ts';
import { CANCELED, describeFailure, FetchError } from '../http-error.ts';
import { Schedule, untilPlaceMs } from '../schedule.ts';
import { Stop } from '../stop.ts';
import type { EarlyTurns } from './early-turns.ts';
import type { FetchReport, FetchSettings, Reading, ScrapeFault } from './protocol.ts';
import { Recorder } from './recorder.ts';
import type { Together } from './together.ts';

export interface FetchContext {
  readonly clock: Clock;
  readonly early: EarlyTurns;
  /** What targets gave until then, on the wall, is stored: of nothing later does anybody know. */
  readonly storedUntilMs: number | undefined;
  readonly together: Together | undefined;
  client(id: number): HttpClient;
  report(report: FetchReport): void;
  /** False while what was reported waits to be stored and takes all the memory it may. */
  hasRoom(): boolean;
}

/** A scrape that is under way. */
interface Scrape {
  readonly startedMs: number;
  readonly sampleTimeMs: number;
  readonly lateMs: number;
}

/** After a scrape out of turn the next one does not come sooner than after this part of the interval. */
const SOONEST = 0.2;
/**
 * So long at most, or half an interval, a target whose own time has come waits for its early turn: those that are before it there have
 * missed theirs, and would have a longer gap.
 */
const LONGEST_WAIT_MS = 1_000;

/** A longer body, which is never one that lies where it was read, is read in turns. */
const LONG_BODY_BYTES = 512 * 1024;

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
  #isRunning = false;
  /** The scrape that is under way did not wait for its time. */
  #isEarly = false;
  readonly #goEarly = (): void => this.#scrapeEarly();
  #hasWaited = false;
  /** To be told when the scrape has ended that is under way. */
  #onEnd: (() => void) | undefined;
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
    context.early.wait(this.#goEarly, this.#urgency());
  }

  /** Changes the settings now, or when the scrape that is under way has ended. The phase stays unless the interval changes. */
  update(generation: number, settings: FetchSettings): void {
    this.#next = { number: generation, settings, url: new URL(settings.url) };
    if (!this.#isRunning) this.#switch();
  }

  /** Whether a scrape is to begin by then, of the monotonic clock; of one that is under way the time has come. */
  isDueBy(timeMs: number): boolean {
    return this.#schedule.plannedMs <= timeMs;
  }

  /** Nothing is reported any more; comes back when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#ended = true;
    this.#context.early.leave(this.#goEarly);
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#fetching?.stop(new FetchError(CANCELED));
    if (this.#isRunning) await new Promise<void>((done) => (this.#onEnd = done));
  }

  #firstSchedule(): Schedule {
    const { clock } = this.#context;
    const { turnMs, intervalMs } = this.#current.settings;
    return new Schedule(intervalMs, clock.monotonic() + untilPlaceMs(turnMs, intervalMs, clock.now()));
  }

  /** From the next turn on that is not too near. */
  #scheduleByTurn(): Schedule {
    const { clock } = this.#context;
    const { turnMs, intervalMs } = this.#current.settings;
    const untilMs = untilPlaceMs(turnMs, intervalMs, clock.now());
    const isNear = untilMs < SOONEST * intervalMs;
    return new Schedule(intervalMs, clock.monotonic() + untilMs + (isNear ? intervalMs : 0));
  }

  /** After a start: for how many intervals there has been nothing of it. Else how long it would have to wait. */
  #urgency(): number {
    const { clock, storedUntilMs } = this.#context;
    if (storedUntilMs === undefined) return this.#schedule.plannedMs - clock.monotonic();
    const { turnMs, intervalMs } = this.#current.settings;
    const nextMs = storedUntilMs + untilPlaceMs(turnMs, intervalMs, storedUntilMs);
    return (clock.now() - nextMs) / intervalMs;
  }

  #scrapeEarly(): void {
    const { clock, early, hasRoom } = this.#context;
    if (this.#isRunning || !hasRoom()) {
      early.done();
      return;
    }
    this.#timer?.cancel();
    this.#isEarly = true;
    this.#schedule = new Schedule(this.#current.settings.intervalMs, clock.monotonic());
    this.#scrape();
  }

  #arm(): void {
    if (this.#ended) return;
    this.#timer?.cancel();
    const delayMs = this.#schedule.plannedMs - this.#context.clock.monotonic();
    this.#timer = this.#context.clock.after(delayMs, () => this.#tick());
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

  #tick(): void {
    const { clock, early } = this.#context;
    if (early.isWaiting(this.#goEarly) && !this.#hasWaited) {
      this.#hasWaited = true;
      const waitMs = Math.min(LONGEST_WAIT_MS, this.#current.settings.intervalMs / 2);
      this.#timer = clock.after(waitMs, () => this.#tick());
      return;
    }
    early.leave(this.#goEarly);
    if (this.#context.hasRoom()) {
      this.#scrape();
      return;
    }
    this.#missed += 1 + this.#schedule.advance(clock.monotonic());
    this.#arm();
  }

  #scrape(): void {
    const { clock, together } = this.#context;
    const { settings, url } = this.#current;
    const startedMs = clock.monotonic();
    const scrape = { startedMs, ...this.#schedule.start(clock.now(), startedMs) };
    this.#isRunning = true;
    together?.asked();
    const { headers, timeoutMs, bodyLimitBytes, forcedError } = settings;
    if (forcedError !== undefined) {
      this.#finish(scrape, undefined, { message: forcedError, limit: undefined });
      return;
    }
    const stop = new Stop();
    this.#fetching = stop;
    this.#context.client(settings.client).fetch(
      { url, headers, timeoutMs, bodyLimitBytes, stop },
      {
        done: (result) => this.#finish(scrape, result, undefined),
        failed: (error) => this.#finish(scrape, undefined, faultOf(url, error)),
      },
    );
  }

  #finish(scrape: Scrape, result: FetchResult | undefined, fault: ScrapeFault | undefined): void {
    const { clock, together } = this.#context;
    together?.came();
    const endedAtMs = clock.now();
    const told = (reading: Reading | undefined): void => {
      result?.release();
      this.#told(scrape, { endedAtMs, bodyBytes: result?.body.length ?? 0, fault, reading });
    };
    if (!result) {
      told(undefined);
      return;
    }
    inTurns(this.#read(result), {
      clock,
      atOnce: result.body.length <= LONG_BODY_BYTES,
      // A target that was removed meanwhile has nothing more to say.
      isWanted: () => !this.#ended,
      done: told,
    });
  }

  #told(scrape: Scrape, end: Pick<FetchReport, 'endedAtMs' | 'bodyBytes' | 'fault' | 'reading'>): void {
    const { clock, early } = this.#context;
    const wasEarly = this.#isEarly;
    this.#isEarly = false;
    this.#isRunning = false;
    if (this.#ended) {
      this.#onEnd?.();
      if (wasEarly) early.done();
      return;
    }
    const endedMs = clock.monotonic();
    if (wasEarly) this.#schedule = this.#scheduleByTurn();
    const missed = this.#missed + (wasEarly ? 0 : this.#schedule.advance(endedMs));
    this.#missed = 0;
    this.#context.report({
      target: this.#target,
      generation: this.#current.number,
      sampleTimeMs: scrape.sampleTimeMs,
      lateMs: scrape.lateMs,
      durationMs: endedMs - scrape.startedMs,
      nextInMs: this.#schedule.plannedMs - endedMs,
      missed,
      ...end,
    });
    if (this.#next) this.#switch();
    else this.#arm();
    if (wasEarly) early.done();
  }

  *#read({ body, contentType }: FetchResult): Generator<void, Reading, void> {
    const recorder = this.#recorder;
    recorder.begin();
    return recorder.finish(yield* this.#parser.steps(body, contentType, recorder));
  }
}

function faultOf(url: URL, error: unknown): ScrapeFault {
  const limit = error instanceof FetchError ? error.limit : undefined;
  const isOwn =
    error instanceof FetchError && (limit !== undefined || error.message.startsWith('server returned'));
  return { message: isOwn ? error.message : describeFailure(url, error), limit };
}
