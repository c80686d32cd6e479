/**
 * A column of values as the `d` of an SVG path, each pixel column reduced to its first, lowest, highest and last point:
 * the stroke covers the same pixels as all points together would. As in uPlot's src/paths/linear.js.
 *
 * A NaN ends the line, and so does an outage between two points. A point with gaps on both sides becomes a dot
 * (a line of no length, visible with round caps).
 */
export interface PathInput {
  /** Ascending. */
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** Pixels: x = (time − fromMs) × scale + left. */
  readonly x: LinearScale;
  readonly y: LinearScale;
  /** A last point after the grid; left out when its value is NaN. */
  readonly head?: { readonly timeMs: number; readonly value: number } | undefined;
  /** Lines break across these. */
  readonly outages?: readonly { readonly fromMs: number; readonly toMs: number }[] | undefined;
  /** Most time between two points of one line; a wider distance is a gap. */
  readonly maxGapMs?: number | undefined;
}

/** Maps `domain` onto `range` linearly; what lies outside is not cut off. */
export interface LinearScale {
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
}

/** A scale as a function; a domain without length maps to the middle. */
export function project({ domain, range }: LinearScale): (value: number) => number {
  const span = domain[1] - domain[0];
  if (span === 0) {
    const middle = (range[0] + range[1]) / 2;
    return () => middle;
  }
  const factor = (range[1] - range[0]) / span;
  return (value) => range[0] + (value - domain[0]) * factor;
}

/** The `d` attribute; '' when there is nothing to draw. Infinite values break the line as NaN does. */
export function buildPath(input: PathInput): string {
  const pen = new Pen();
  const x = project(input.x);
  const y = project(input.y);
  const { times, values, head, maxGapMs = Number.POSITIVE_INFINITY } = input;
  const breaks = outageCursor(input.outages ?? []);
  let lastMs = Number.NEGATIVE_INFINITY;
  const put = (timeMs: number, value: number) => {
    if (!Number.isFinite(value)) {
      pen.lift();
      return;
    }
    if (breaks(lastMs, timeMs) || timeMs - lastMs > maxGapMs) pen.lift();
    pen.to(x(timeMs), y(value));
    lastMs = timeMs;
  };
  for (let i = 0; i < times.length; i++) put(times[i]!, values[i]!);
  if (head && (times.length === 0 || head.timeMs > times[times.length - 1]!)) {
    // A head without value says nothing about the line before it.
    if (Number.isFinite(head.value)) put(head.timeMs, head.value);
  }
  return pen.finish();
}

/**
 * The area between two columns of equal times (`lower` undefined: the bottom of the y range) as closed shapes, broken
 * where either is NaN or an outage lies. Not reduced beyond one point per pixel column (the highest and the lowest).
 */
export function buildArea(input: PathInput & { readonly lower?: ArrayLike<number> | undefined }): string {
  const x = project(input.x);
  const y = project(input.y);
  const breaks = outageCursor(input.outages ?? []);
  const { times, values, lower, maxGapMs = Number.POSITIVE_INFINITY } = input;
  const floor = input.y.range[0];
  let d = '';
  let top: string[] = [];
  let bottom: string[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastPx = Number.NaN;
  const close = () => {
    if (top.length > 0) d += `M${top.join('L')}L${bottom.reverse().join('L')}Z`;
    top = [];
    bottom = [];
    lastPx = Number.NaN;
  };
  for (let i = 0; i < times.length; i++) {
    const timeMs = times[i]!;
    const below = lower ? y(lower[i]!) : floor;
    const above = y(values[i]!);
    if (!Number.isFinite(above) || !Number.isFinite(below)) {
      close();
      continue;
    }
    if (breaks(lastMs, timeMs) || timeMs - lastMs > maxGapMs) close();
    lastMs = timeMs;
    const px = x(timeMs);
    // The last point of a pixel column stands for it in an area; the line above shows the extremes.
    if (Math.floor(px) === lastPx) {
      top.pop();
      bottom.pop();
    }
    lastPx = Math.floor(px);
    top.push(`${round(px)},${round(above)}`);
    bottom.push(`${round(px)},${round(below)}`);
  }
  close();
  return d;
}

/** Whether an outage begins or ends between two times, or covers them; both arguments ascend from call to call. */
function outageCursor(
  outages: readonly { readonly fromMs: number; readonly toMs: number }[],
): (lastMs: number, timeMs: number) => boolean {
  if (outages.length === 0) return () => false;
  const sorted = [...outages].sort((a, b) => a.fromMs - b.fromMs);
  let next = 0;
  return (lastMs, timeMs) => {
    while (next < sorted.length && sorted[next]!.toMs <= lastMs) next++;
    return next < sorted.length && sorted[next]!.fromMs < timeMs;
  };
}

/** Collects points of one pixel column and writes them when the next column begins. */
class Pen {
  #d = '';
  #down = false;
  #column = Number.NaN;
  #first = 0;
  #low = 0;
  #lowAt = 0;
  #high = 0;
  #highAt = 0;
  #last = 0;
  #firstX = 0;
  #lastX = 0;
  #count = 0;
  #lineCount = 0;

  to(x: number, y: number): void {
    const column = Math.floor(x);
    if (column !== this.#column) {
      this.#flush();
      this.#column = column;
      this.#first = y;
      this.#low = y;
      this.#high = y;
      this.#lowAt = 0;
      this.#highAt = 0;
      this.#firstX = x;
    } else if (y < this.#low) {
      this.#low = y;
      this.#lowAt = this.#count;
    } else if (y > this.#high) {
      this.#high = y;
      this.#highAt = this.#count;
    }
    this.#last = y;
    this.#lastX = x;
    this.#count++;
  }

  lift(): void {
    this.#flush();
    if (this.#down && this.#lineCount === 1) this.#d += 'h0';
    this.#down = false;
    this.#lineCount = 0;
    this.#column = Number.NaN;
  }

  finish(): string {
    this.lift();
    return this.#d;
  }

  #flush(): void {
    if (this.#count === 0) return;
    const middle = (this.#firstX + this.#lastX) / 2;
    this.#point(this.#firstX, this.#first);
    if (this.#count > 2) {
      const lowFirst = this.#lowAt < this.#highAt;
      this.#extreme(middle, lowFirst ? this.#low : this.#high);
      this.#extreme(middle, lowFirst ? this.#high : this.#low);
    }
    if (this.#count > 1) this.#point(this.#lastX, this.#last);
    this.#count = 0;
  }

  /** An extreme that is the first or last point of its column is drawn already. */
  #extreme(x: number, y: number): void {
    if (y !== this.#first && y !== this.#last) this.#point(x, y);
  }

  #point(x: number, y: number): void {
    this.#d += `${this.#down ? 'L' : 'M'}${round(x)},${round(y)}`;
    this.#down = true;
    this.#lineCount++;
  }
}

/** Texts of tenths of a pixel from 0 up, made as they are needed: numbers to text is what a path costs most. */
const MOST_TENTHS = 65_536;
const tenths = new Array<string | undefined>(MOST_TENTHS);

/** Tenths of a pixel are enough for a stroke. */
function round(pixels: number): string {
  const at = Math.round(pixels * 10);
  if (at >= 0 && at < MOST_TENTHS) {
    const known = tenths[at];
    if (known !== undefined) return known;
    const text = String(at / 10);
    tenths[at] = text;
    return text;
  }
  return String(at / 10);
}
