import type { FrameScheduler } from '../frame-loop.ts';

/** Frames that come when a test says so. */
export class ManualScheduler implements FrameScheduler {
  isHidden = false;
  #frames: (() => void)[] = [];
  #paints: (() => void)[] = [];

  get requested(): number {
    return this.#frames.length;
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
