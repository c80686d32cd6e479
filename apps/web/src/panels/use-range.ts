import { useEffect, useMemo, useState } from 'react';
import { DEFAULT_RANGE, formatRange, parseRange, type TimeRangeChoice } from '../components/index.ts';
import { useLivePage } from '../live/index.ts';
import { type ResolvedRange, refreshMsOf, resolveRange } from './range.ts';

/** The resolved range; the same object until it changes. A `last` range moves on with the server's clock. */
export function useResolvedRange(choice: TimeRangeChoice): ResolvedRange | undefined {
  const page = useLivePage();
  const refreshMs = choice.kind === 'last' ? refreshMsOf(choice.windowMs) : undefined;
  const [tickMs, setTickMs] = useState<number | undefined>(() => page.serverNow());
  useEffect(() => {
    if (refreshMs === undefined) return undefined;
    const update = () => {
      const nowMs = page.serverNow();
      if (nowMs !== undefined) setTickMs(Math.floor(nowMs / refreshMs) * refreshMs);
    };
    update();
    const stopTicking = page.ticker.every(1000, update);
    const stopWatching = page.connection.watch(update);
    return () => {
      stopTicking();
      stopWatching();
    };
  }, [page, refreshMs]);
  const key = formatRange(choice);
  return useMemo(() => resolveRange(parseRange(key) ?? DEFAULT_RANGE, tickMs), [key, tickMs]);
}
