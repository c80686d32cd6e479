/**
 * Ticks of a time axis at round local times. The zone is an argument (an IANA name); its offset is read from
 * Intl.DateTimeFormat, so days have 23 or 25 hours where the clocks change.
 */
const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const STEPS_MS = [
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
  91 * DAY,
  182 * DAY,
  364 * DAY,
] as const;

export interface TimeTicks {
  /** Ms since the epoch, ascending. */
  readonly ticks: readonly number[];
  readonly stepMs: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsFormat(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** Local time minus UTC in ms at a time. Throws RangeError for a zone that does not exist. */
export function zoneOffsetMs(timeMs: number, timeZone: string): number {
  const seconds = Math.floor(timeMs / SECOND) * SECOND;
  const part: Record<string, number> = {};
  for (const { type, value } of partsFormat(timeZone).formatToParts(seconds)) part[type] = Number(value);
  const local = Date.UTC(
    part['year']!,
    part['month']! - 1,
    part['day']!,
    part['hour']!,
    part['minute']!,
    part['second']!,
  );
  return local - seconds;
}

/** At most `most` ticks inside [fromMs, toMs]. */
export function timeTicks(fromMs: number, toMs: number, most: number, timeZone: string): TimeTicks {
  const spanMs = toMs - fromMs;
  if (!(spanMs > 0) || most < 1) return { ticks: [], stepMs: 0 };
  const stepMs =
    STEPS_MS.find((step) => spanMs / step <= most) ?? Math.ceil(spanMs / most / (364 * DAY)) * 364 * DAY;
  const ticks: number[] = [];
  let local = Math.ceil((fromMs + zoneOffsetMs(fromMs, timeZone)) / stepMs) * stepMs;
  // Where clocks are set forward some local times do not exist, where they are set back some exist twice.
  for (let tick = toUtc(local, timeZone); tick <= toMs; tick = toUtc(local, timeZone)) {
    if (tick >= fromMs && tick > (ticks.at(-1) ?? Number.NEGATIVE_INFINITY)) ticks.push(tick);
    local += stepMs;
  }
  return { ticks, stepMs };
}

function toUtc(localMs: number, timeZone: string): number {
  const guess = localMs - zoneOffsetMs(localMs, timeZone);
  return localMs - zoneOffsetMs(guess, timeZone);
}

const labels = new Map<string, Intl.DateTimeFormat>();

/** The text of a tick: seconds, minutes or a date, as the step asks; local midnight shows the date. */
export function formatTimeTick(timeMs: number, stepMs: number, timeZone: string, locale: string): string {
  const offsetMs = zoneOffsetMs(timeMs, timeZone);
  const isMidnight = (timeMs + offsetMs) % DAY === 0;
  if (stepMs >= DAY || isMidnight) return label('date', timeZone, locale).format(timeMs);
  return label(stepMs < MINUTE ? 'seconds' : 'minutes', timeZone, locale).format(timeMs);
}

const FIELDS = {
  date: { month: 'short', day: 'numeric' },
  minutes: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  seconds: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
} as const;

function label(kind: keyof typeof FIELDS, timeZone: string, locale: string): Intl.DateTimeFormat {
  const key = `${kind} ${timeZone} ${locale}`;
  let format = labels.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { ...FIELDS[kind], timeZone });
    labels.set(key, format);
  }
  return format;
}
