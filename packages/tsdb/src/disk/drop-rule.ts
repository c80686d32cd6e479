/** Which chunk file retention takes next. */
import type { ChunkFile } from './chunk-file.ts';

/** What is known of a file that retention may take, or has taken. */
export type FileSpan = Pick<ChunkFile, 'path' | 'number' | 'minMs' | 'maxMs'>;

export interface DropRule {
  /** A file goes when all in it is older, */
  readonly beforeMs: number;
  /** or when all files together are larger. */
  readonly maxBytes: number;
  /** A file that is being written to stays in any case. */
  readonly isBusy: (path: string) => boolean;
  /** One whose blocks are still needed stays when it is only old. */
  readonly isHeld: (file: FileSpan) => boolean;
}

/** The oldest file when it is to go; `bytes`: of all files. */
export function fileToDrop(
  files: readonly ChunkFile[],
  bytes: number,
  rule: DropRule,
): ChunkFile | undefined {
  const oldest = files.reduce<ChunkFile | undefined>(
    (best, file) => (file.blocks > 0 && (!best || file.maxMs < best.maxMs) ? file : best),
    undefined,
  );
  if (!oldest || rule.isBusy(oldest.path)) return undefined;
  const isDue = oldest.maxMs < rule.beforeMs && !rule.isHeld(oldest);
  return isDue || bytes > rule.maxBytes ? oldest : undefined;
}
