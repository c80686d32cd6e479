/** Ms of an RFC 3339 time; undefined for Go's zero time, which stands for never, and for what is no time. */
export function apiTimeMs(text: string): number | undefined {
  if (text.startsWith('0001-01-01')) return undefined;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
