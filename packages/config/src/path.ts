import { isAbsolute, join, win32 } from 'node:path';
import type { Place } from './place.ts';

/** A path of the configuration, seen from the folder of its file. */
export function absolute(place: Place, path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined;
  return isAbsolute(path) || win32.isAbsolute(path) ? path : join(place.source.baseDir, path);
}
