/** Makes a data folder from a backup or a snapshot, which is verified first. */
import { copyDataFolder } from '@watchroom/tsdb';
import { parseCommand } from './command.ts';
import { ensureApart, existingFolder, newFolder, printFaults, refusable } from './data-folders.ts';
import { Progress, sizeText } from './progress.ts';

/** Exit code 1, and nothing is made, when the backup has faults (unless `--force`) or there is something at `--data`. */
export async function restoreCommand(args: string[]): Promise<number> {
  const { values } = parseCommand({
    args,
    options: {
      from: { type: 'string' },
      data: { type: 'string' },
      force: { type: 'boolean', default: false },
    },
  });
  const from = existingFolder(values.from, '--from');
  const to = newFolder(values.data, '--data');
  ensureApart(from, to, '--data');
  const { faults } = printFaults(from);
  if (faults > 0 && !values.force) {
    console.error(
      `${faults} faults in ${from}: nothing was restored; take another backup, or add --force to have the rest`,
    );
    return 1;
  }
  const progress = new Progress();
  const { files, bytes } = refusable(() =>
    copyDataFolder(from, to, (file) => progress.say(() => `copying ${file}`)),
  );
  console.log(`${to}: ${files} files, ${sizeText(bytes)}; start with: watchroom serve --data ${to}`);
  return 0;
}
