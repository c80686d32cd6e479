import type { FrameScheduler } from './frame-loop.ts';

/** Frames of the browser. A message posted in an animation frame is handled after that frame was painted. */
export function browserScheduler(): FrameScheduler {
  const waiting: (() => void)[] = [];
  const ports = new MessageChannel();
  ports.port1.onmessage = () => {
    for (const run of waiting.splice(0)) run();
  };
  return {
    nowMs: () => performance.now(),
    later: (delayMs, run) => void setTimeout(run, delayMs),
    request: (run) => void requestAnimationFrame(run),
    afterPaint(run) {
      waiting.push(run);
      ports.port2.postMessage(undefined);
    },
    hidden: () => document.hidden,
  };
}
