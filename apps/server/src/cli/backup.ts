/**
 * Copies a data folder, which may be that of a running server: it is only read and its lock is not needed. What the server has
 * taken in the last quarter of a second may be missing.
 */
import { copyDataFolder } from '@watchroom/tsdb';
import { parseCommand } from './command.ts';
import { ensureApart, existingFolder, newFolder, printFaults, refusable } from './data-folders.ts';
import { Progress, sizeText } from './progress.ts';

/** Exit code 1 when the copy has faults, which are those of the original; it is kept all the same. */
export async function backupCommand(args: string[]): Promise<number> {
  const { values } = parseCommand({ args, options: { data: { type: 'string' }, to: { type: 'string' } } });
  const from = existingFolder(values.data ?? 'data', '--data');
  const to = newFolder(values.to, '--to');
  ensureApart(from, to, '--to');
  const progress = new Progress();
  const { files, bytes } = refusable(() =>
    copyDataFolder(from, to, (file) => progress.say(() => `copying ${file}`)),
  );
  const { samples, faults } = printFaults(to);
  console.log(`${to}: ${files} files, ${sizeText(bytes)}, ${samples} samples`);
  if (faults === 0) return 0;
  console.error(`${faults} faults: these were in ${from} already; everything else is in the copy`);
  return 1;
}
