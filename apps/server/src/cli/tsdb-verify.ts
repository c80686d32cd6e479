/** Checks everything in a data folder, also while a server runs on it; exit code 1 on a fault. */
import { parseCommand } from './command.ts';
import { existingFolder, printFaults } from './data-folders.ts';

export async function tsdbVerifyCommand(args: string[]): Promise<number> {
  const { values } = parseCommand({ args, options: { data: { type: 'string', default: 'data' } } });
  const dir = existingFolder(values.data, '--data');
  const { files, blocks, samples, faults } = printFaults(dir);
  console.log(`${dir}: ${files} files, ${blocks} blocks, ${samples} samples, ${faults} faults`);
  return faults === 0 ? 0 : 1;
}
