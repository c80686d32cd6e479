/** Numbers and times as the interface shows them. Ages use the catalogue's words; clock times are local. */
import type { Translate } from './i18n.tsx';

/** `now`, `12 s`, `3 min`, `2 h`, `4 d`: one unit, rounded down, so that an age never looks smaller than half of itself. */
export function formatAge(t: Translate, ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1000));
  if (seconds < 1) return t('age.now');
  if (seconds < 120) return t('age.seconds', { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return t('age.minutes', { n: minutes });
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? t('age.hours', { n: hours }) : t('age.days', { n: Math.floor(hours / 24) });
}

const two = (n: number): string => String(n).padStart(2, '0');

/** `14:03:09` in the viewer's time zone. */
export function formatClock(timeMs: number): string {
  const at = new Date(timeMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `2026-11-23 14:03:09` in the viewer's time zone. */
export function formatDateTime(timeMs: number): string {
  const at = new Date(timeMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${formatClock(timeMs)}`;
}

/** A score without decimals; 59.6 must not read 60 while the alert is below it, so it rounds down. */
export function formatScore(score: number | undefined): string {
  return score === undefined || Number.isNaN(score) ? '–' : String(Math.floor(score + 1e-9));
}
