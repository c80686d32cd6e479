/**
 * Right edge of a live chart's time axis. It steps every STEP_MS instead of sliding, so that the frame with its clock
 * labels is rendered once per step while strokes are drawn against it each second; each chart has its own phase, so that
 * only a tenth of them renders in any one second. It goes on while the connection is cut: a gap grows, the line stays put.
 */
import { useEffect, useId, useState } from 'react';
import { useLivePage } from '../live/index.ts';

const STEP_MS = 10_000;

function phaseOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) | 0;
  return (Math.abs(hash) % 10) * 1000;
}

const edgeAfter = (nowMs: number, phaseMs: number): number =>
  Math.ceil((nowMs - phaseMs) / STEP_MS) * STEP_MS + phaseMs;

/** Server time in ms; undefined before the first contact. */
export function useClockEdge(): number | undefined {
  const page = useLivePage();
  const phaseMs = phaseOf(useId());
  const [edgeMs, setEdgeMs] = useState(() => {
    const nowMs = page.serverNow();
    return nowMs === undefined ? undefined : edgeAfter(nowMs, phaseMs);
  });
  useEffect(() => {
    const update = () => {
      const nowMs = page.serverNow();
      if (nowMs !== undefined) setEdgeMs(edgeAfter(nowMs, phaseMs));
    };
    update();
    const stopTicking = page.ticker.every(1000, update);
    const stopWatching = page.connection.watch(update);
    return () => {
      stopTicking();
      stopWatching();
    };
  }, [page, phaseMs]);
  return edgeMs;
}
