/**
 * One animation frame for the whole page. Whoever draws live data registers a drawer and invalidates it; all invalid
 * drawers draw in the next frame, together. A message posted from inside the frame arrives after it was painted: then
 * the time from the end of each scrape to the glass is known. A hidden page gets no frames: nothing is collected then.
 */
export interface FrameScheduler {
  /** Calls back before the next paint. */
  request(run: () => void): void;
  /** Calls back after the frame that is being prepared was painted. */
  afterPaint(run: () => void): void;
  hidden(): boolean;
}

export interface Drawer {
  /** Asks for a drawing in the next frame; any number of calls give one. */
  invalidate(): void;
  remove(): void;
}

const MAX_PENDING = 1000;
/** Lags kept for the page itself. */
const MAX_RECENT = 1000;

export interface FrameLoopOptions {
  readonly scheduler: FrameScheduler;
  /** Estimated server time in ms. */
  readonly serverNow: () => number | undefined;
  /** Runs all drawers of a frame; React's flushSync lets state set by them reach the same frame. */
  readonly batch?: ((run: () => void) => void) | undefined;
}

export class FrameLoop {
  /** Sample-to-pixel times in ms, the newest last. */
  readonly recentLagsMs: number[] = [];
  /** Frames drawn, and feeds not counted because the page was hidden or their number over the bound. */
  readonly counts = { frames: 0, uncounted: 0 };
  readonly #options: FrameLoopOptions;
  readonly #dirty = new Set<() => void>();
  #pendingFedMs: number[] = [];
  #unreported: number[] = [];
  #requested = false;

  constructor(options: FrameLoopOptions) {
    this.#options = options;
  }

  register(draw: () => void): Drawer {
    let registered = true;
    return {
      invalidate: () => {
        if (!registered) return;
        this.#dirty.add(draw);
        this.#request();
      },
      remove: () => {
        registered = false;
        this.#dirty.delete(draw);
      },
    };
  }

  /** Data whose scrape ended at `fedAtMs` has been applied and will be on the glass with the next frame. */
  fed(fedAtMs: number): void {
    if (this.#options.scheduler.hidden() || this.#pendingFedMs.length >= MAX_PENDING) {
      this.counts.uncounted++;
      return;
    }
    this.#pendingFedMs.push(fedAtMs);
    this.#request();
  }

  /** The page was hidden: what waits will be painted at an arbitrary later time and says nothing. */
  forgetPending(): void {
    this.counts.uncounted += this.#pendingFedMs.length;
    this.#pendingFedMs = [];
  }

  /** Lags since the last call. */
  takeUnreported(): number[] {
    const lags = this.#unreported;
    this.#unreported = [];
    return lags;
  }

  #request(): void {
    if (this.#requested) return;
    this.#requested = true;
    this.#options.scheduler.request(() => this.#frame());
  }

  #frame(): void {
    this.#requested = false;
    const drawers = [...this.#dirty];
    this.#dirty.clear();
    const fedMs = this.#pendingFedMs;
    this.#pendingFedMs = [];
    this.counts.frames++;
    if (drawers.length > 0) {
      const drawAll = () => {
        for (const draw of drawers) drawSafely(draw);
      };
      if (this.#options.batch) this.#options.batch(drawAll);
      else drawAll();
    }
    if (fedMs.length > 0) this.#options.scheduler.afterPaint(() => this.#painted(fedMs));
  }

  #painted(fedMs: readonly number[]): void {
    const nowMs = this.#options.serverNow();
    if (nowMs === undefined || this.#options.scheduler.hidden()) {
      this.counts.uncounted += fedMs.length;
      return;
    }
    for (const fedAtMs of fedMs) keep(this.recentLagsMs, nowMs - fedAtMs, MAX_RECENT);
    for (const fedAtMs of fedMs) keep(this.#unreported, nowMs - fedAtMs, MAX_PENDING);
  }
}

function keep(list: number[], value: number, most: number): void {
  if (list.length >= most) list.shift();
  list.push(value);
}

/** One drawer's failure must not stop the others; the console and the error handler of the page hear of it. */
function drawSafely(draw: () => void): void {
  try {
    draw();
  } catch (error) {
    reportError(error);
  }
}
