/**
 * One animation frame for the whole page. Whoever draws live data registers a drawer and invalidates it; all invalid
 * drawers draw in the next frame, together. Data comes when a scrape lands, which is many times a second with many
 * targets: frames for data are MIN_GAP_MS apart, the first one after silence at once. A message posted from inside the
 * frame arrives after it was painted: then the time from the end of each scrape to the glass is known. A hidden page gets
 * no frames: nothing is collected then.
 */
export interface FrameScheduler {
  /** Ms from an arbitrary start; never goes back. */
  nowMs(): number;
  /** Calls back once, `delayMs` from now. */
  later(delayMs: number, run: () => void): void;
  /** Calls back before the next paint. */
  request(run: () => void): void;
  /** Calls back after the frame that is being prepared was painted. */
  afterPaint(run: () => void): void;
  hidden(): boolean;
}

export interface Drawer {
  /**
   * Asks for a drawing; any number of calls give one. `data` (the default) waits for the next frame for data; `now` is for
   * what a person did and for a new frame around the data: the next frame at all, or the present one from inside it.
   */
  invalidate(urgency?: 'data' | 'now'): void;
  remove(): void;
}

/** Frames for data: at most ten a second. */
const MIN_GAP_MS = 100;
/** A drawer's new state may make React render components that draw anew: they do in the same frame, within reason. */
const MAX_PASSES = 3;

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
  #delayed = false;
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #drawing = false;

  constructor(options: FrameLoopOptions) {
    this.#options = options;
  }

  register(draw: () => void): Drawer {
    let registered = true;
    return {
      invalidate: (urgency = 'data') => {
        if (!registered) return;
        this.#dirty.add(draw);
        if (urgency === 'data') this.#requestForData();
        else if (!this.#drawing) this.#request();
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
    this.#requestForData();
  }

  /** The page was hidden: what waits will be painted at an arbitrary later time and says nothing. */
  forgetPending(): void {
    this.counts.uncounted += this.#pendingFedMs.length;
    this.#pendingFedMs = [];
  }

  /** How many lags the next call of `takeUnreported` would give. */
  get unreported(): number {
    return this.#unreported.length;
  }

  /** Lags since the last call. */
  takeUnreported(): number[] {
    const lags = this.#unreported;
    this.#unreported = [];
    return lags;
  }

  #requestForData(): void {
    if (this.#requested || this.#delayed) return;
    const { scheduler } = this.#options;
    const waitMs = this.#drawnAtMs + MIN_GAP_MS - scheduler.nowMs();
    if (waitMs <= 0) {
      this.#request();
      return;
    }
    this.#delayed = true;
    scheduler.later(waitMs, () => {
      this.#delayed = false;
      if (this.#dirty.size + this.#pendingFedMs.length > 0) this.#request();
    });
  }

  #request(): void {
    if (this.#requested) return;
    this.#requested = true;
    this.#options.scheduler.request(() => this.#frame());
  }

  #frame(): void {
    this.#requested = false;
    this.#drawnAtMs = this.#options.scheduler.nowMs();
    const fedMs = this.#pendingFedMs;
    this.#pendingFedMs = [];
    this.counts.frames++;
    this.#drawing = true;
    for (let pass = 0; pass < MAX_PASSES && this.#dirty.size > 0; pass++) this.#drawDirty();
    this.#drawing = false;
    if (this.#dirty.size > 0) this.#requestForData();
    if (fedMs.length > 0) this.#options.scheduler.afterPaint(() => this.#painted(fedMs));
  }

  #drawDirty(): void {
    const drawers = [...this.#dirty];
    this.#dirty.clear();
    const drawAll = () => {
      for (const draw of drawers) drawSafely(draw);
    };
    if (this.#options.batch) this.#options.batch(drawAll);
    else drawAll();
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
