/**
 * A page's time range, and its form in the URL: `?range=live:15m`, `?range=last:6h`, `?range=<from>..<to>` in Unix ms.
 * `live` slides with the server's clock; `last` is a fixed look back from when it was asked; `absolute` never moves.
 */
import { formatDuration, parseDuration } from '@watchroom/model';

export type TimeRangeChoice =
  | { readonly kind: 'live'; readonly windowMs: number }
  | { readonly kind: 'last'; readonly windowMs: number }
  | { readonly kind: 'absolute'; readonly fromMs: number; readonly toMs: number };

export const DEFAULT_RANGE: TimeRangeChoice = { kind: 'live', windowMs: 900_000 };

/** Undefined when the text is no range. */
export function parseRange(text: string | null): TimeRangeChoice | undefined {
  const relative = /^(live|last):(\w+)$/.exec(text ?? '');
  if (relative) {
    const windowMs = parseDuration(relative[2]!);
    if (windowMs === undefined || windowMs < 60_000) return undefined;
    return { kind: relative[1] === 'live' ? 'live' : 'last', windowMs };
  }
  const absolute = /^(\d{1,15})\.\.(\d{1,15})$/.exec(text ?? '');
  if (!absolute) return undefined;
  const [fromMs, toMs] = [Number(absolute[1]), Number(absolute[2])];
  return fromMs < toMs ? { kind: 'absolute', fromMs, toMs } : undefined;
}

export function formatRange(range: TimeRangeChoice): string {
  if (range.kind === 'absolute') return `${range.fromMs}..${range.toMs}`;
  return `${range.kind}:${formatDuration(range.windowMs)}`;
}

/** `YYYY-MM-DDTHH:MM:SS` in local time, as <input type="datetime-local"> takes it. */
export function toLocalInput(timeMs: number): string {
  const at = new Date(timeMs);
  return new Date(timeMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
