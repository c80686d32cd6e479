import { spawnSync } from 'node:child_process';
import { vi } from 'vitest';

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
