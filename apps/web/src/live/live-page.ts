/** Everything live that a page has, put together once: connection, channels, frame loop, ticker, paint reports. */
import type { PaintReport } from '@watchroom/contract';
import type { Clock } from '@watchroom/model';
import { FrameLoop, type FrameScheduler } from './frame-loop.ts';
import { LiveClient } from './live-client.ts';
import { LiveConnection } from './live-connection.ts';
import type { SocketFactory } from './socket.ts';
import { Ticker } from './ticker.ts';

const LOOK_EVERY_MS = 1000;
/** Paint times are told so often, or sooner when there are so many of them: a message that is all but empty costs the server the most. */
const REPORT_EVERY_LOOKS = 5;
const REPORT_AT_LAGS = 200;
const MIN_LAG_MS = -60_000;
const MAX_LAG_MS = 3_600_000;

export interface LivePageOptions {
  readonly open: SocketFactory;
  readonly clock: Clock;
  readonly random: () => number;
  readonly scheduler: FrameScheduler;
  readonly batch?: ((run: () => void) => void) | undefined;
  /** What kind of page reports its paint times, such as its path. */
  readonly pageName: () => string;
}

export class LivePage {
  readonly connection: LiveConnection;
  readonly client: LiveClient;
  readonly frames: FrameLoop;
  readonly ticker: Ticker;
  readonly #options: LivePageOptions;
  #stopReports: (() => void) | undefined;
  #looks = 0;

  constructor(options: LivePageOptions) {
    const { open, clock, random, scheduler, batch } = options;
    this.#options = options;
    this.connection = new LiveConnection({ open, clock, random });
    const serverNow = () => this.connection.serverClock.now();
    this.frames = new FrameLoop({ scheduler, serverNow, batch });
    this.client = new LiveClient({
      connection: this.connection,
      clock,
      onFed: (fedAtMs) => this.frames.fed(fedAtMs),
    });
    this.ticker = new Ticker(clock);
  }

  start(): void {
    this.client.start();
    this.#stopReports ??= this.ticker.every(LOOK_EVERY_MS, () => this.#report());
  }

  close(): void {
    this.#stopReports?.();
    this.#stopReports = undefined;
    this.client.close();
  }

  /** Estimated server time in ms; undefined before the first contact. */
  serverNow(): number | undefined {
    return this.connection.serverClock.now();
  }

  #report(): void {
    if (++this.#looks < REPORT_EVERY_LOOKS && this.frames.unreported < REPORT_AT_LAGS) return;
    this.#looks = 0;
    const lags = this.frames.takeUnreported();
    if (lags.length === 0) return;
    const report: PaintReport = {
      page: this.#options.pageName().slice(0, 64),
      sampleToPixelMs: lags.filter((lagMs) => lagMs > MIN_LAG_MS && lagMs < MAX_LAG_MS),
    };
    this.connection.emit('painted', report);
  }
}
