import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { vi } from 'vitest';

/** promtool of Prometheus 3 or later; undefined, and one line said, where there is none. */
export function findPromtool(): string | undefined {
  const folders = [process.env['WATCHROOM_PEERS'], ...(process.env['PATH'] ?? '').split(delimiter)];
  const candidates = folders.filter((folder) => folder !== undefined && folder !== '');
  const found = candidates.map((folder) => join(folder!, 'promtool')).find(isNewEnough);
  if (found === undefined)
    console.log('promtool 3 is not here (set WATCHROOM_PEERS to where it was unpacked): passing on');
  return found;
}

/** Whether a program of Prometheus is there, of version 3 or later. */
export function isNewEnough(file: string): boolean {
  if (!existsSync(file)) return false;
  const { stdout, stderr } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return Number.parseInt(/version (\d+)/.exec(`${stdout}${stderr}`)?.[1] ?? '0', 10) >= 3;
}

export interface Printed {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of ours in this process and keeps what it prints. */
export async function printedBy(run: () => Promise<number>): Promise<Printed> {
  const lines = { log: '', error: '' };
  for (const stream of ['log', 'error'] as const)
    vi.spyOn(console, stream).mockImplementation((line = '') => {
      lines[stream] += `${line}\n`;
    });
  try {
    return { status: await run(), stdout: lines.log, stderr: lines.error };
  } finally {
    vi.restoreAllMocks();
  }
}

/** The same of promtool. */
export function printedByPromtool(promtool: string, args: readonly string[]): Printed {
  const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: 'utf8' });
  return { status: status ?? -1, stdout, stderr };
}
