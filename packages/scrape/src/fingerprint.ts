import { createHash } from 'node:crypto';
import { Secret } from '@watchroom/config';
import { AnchoredPattern, Labels } from '@watchroom/model';

/** A hash that is equal for settings that act alike; secrets count and cannot be read from it. */
export function fingerprint(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(plain(value)))
    .digest('base64');
}

function plain(value: unknown): unknown {
  if (value instanceof Secret) return { secret: value.reveal() };
  if (value instanceof AnchoredPattern) return { pattern: value.source };
  if (value instanceof Labels) return value.toObject();
  if (value instanceof URL) return value.href;
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => [key, plain(entry)]);
}
