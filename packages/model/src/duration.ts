/**
 * Durations as Prometheus writes them: `1h30m`, units in descending order, each at most once.
 * Grammar: `0` | (N "y")? (N "w")? (N "d")? (N "h")? (N "m")? (N "s")? (N "ms")?, at least one part.
 * Source: prometheus/common model/time.go ParseDuration; a year is 365 days, a week 7.
 */
const FORM = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

const DAY_MS = 86_400_000;
const UNITS_MS = [365 * DAY_MS, 7 * DAY_MS, DAY_MS, 3_600_000, 60_000, 1000, 1] as const;
const UNIT_NAMES = ['y', 'w', 'd', 'h', 'm', 's', 'ms'] as const;

/** Milliseconds, or undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = FORM.exec(text);
  if (!match || text === '') return undefined;
  let total = 0;
  for (let i = 0; i < UNITS_MS.length; i++) total += Number(match[i + 1] ?? 0) * UNITS_MS[i]!;
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The shortest exact form as Prometheus prints it: 90_000 → `1m30s`; years, weeks and days only when they divide evenly. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  let rest = Math.abs(Math.round(durationMs));
  let text = durationMs < 0 ? '-' : '';
  for (let i = 0; i < UNITS_MS.length; i++) {
    const unit = UNITS_MS[i]!;
    if (i < 3 && rest % unit !== 0) continue;
    const count = Math.floor(rest / unit);
    if (count > 0) text += `${count}${UNIT_NAMES[i]}`;
    rest -= count * unit;
  }
  return text;
}
