import type { FrameScheduler } from '../frame-loop.ts';

/** Frames that come when a test says so. */
export class ManualScheduler implements FrameScheduler {
  isHidden = false;
  /** Set by a test that looks at the distance of frames; the others take each frame as late enough. */
  atMs: number | undefined;
  #calls = 0;
  #frames: (() => void)[] = [];
  #later: { readonly dueMs: number; readonly run: () => void }[] = [];
  #paints: (() => void)[] = [];

  get requested(): number {
    return this.#frames.length;
  }

  nowMs(): number {
    return this.atMs ?? ++this.#calls * 1000;
  }

  later(delayMs: number, run: () => void): void {
    this.#later.push({ dueMs: (this.atMs ?? 0) + delayMs, run });
  }

  /** Time goes on and what is due runs. */
  pass(ms: number): void {
    this.atMs = (this.atMs ?? 0) + ms;
    const due = this.#later.filter(({ dueMs }) => dueMs <= this.nowMs());
    this.#later = this.#later.filter((each) => !due.includes(each));
    for (const { run } of due) run();
  }

  request(run: () => void): void {
    this.#frames.push(run);
  }

  afterPaint(run: () => void): void {
    this.#paints.push(run);
  }

  hidden(): boolean {
    return this.isHidden;
  }

  frame(): void {
    for (const run of this.#frames.splice(0)) run();
  }

  paint(): void {
    for (const run of this.#paints.splice(0)) run();
  }
}
