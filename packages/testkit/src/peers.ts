/** Programs of others, beside which ours is tested. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * A program in the folder that WATCHROOM_PEERS names, below it in usr/bin, or on the PATH; the first that is of major version
 * `oldest` or later. Undefined when there is none.
 */
export function peerProgram(name: string, oldest = 0): string | undefined {
  const peers = process.env['WATCHROOM_PEERS'];
  const folders = [
    ...(peers ? [peers, join(peers, 'usr', 'bin')] : []),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const files = folders.filter(Boolean).map((folder) => join(folder, name));
  return files.find((file) => isExecutable(file) && (oldest === 0 || majorVersion(file) >= oldest));
}

/** As `peerProgram`; when there is none it says so in one line, and the test that asked is to pass on. */
export function findPeer(name: string, oldest = 0): string | undefined {
  const found = peerProgram(name, oldest);
  if (found === undefined) {
    const wanted = oldest === 0 ? name : `${name} ${oldest}`;
    console.log(`${wanted} is not here (set WATCHROOM_PEERS to where it was unpacked): passing on`);
  }
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function majorVersion(file: string): number {
  const { stdout, stderr } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return Number.parseInt(/version (\d+)/.exec(`${stdout}${stderr}`)?.[1] ?? '0', 10);
}
