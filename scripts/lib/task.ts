import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { ROOT } from './files.ts';

export interface TaskResult {
  readonly code: number;
  readonly output: string;
}

/** Path of a tool that the workspace root depends on. */
export function tool(name: string): string {
  return join(ROOT, 'node_modules', '.bin', name);
}

/** Tools' start scripts take the `node` of the PATH: it has to be the one that runs this. */
const PATH = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);

/** Runs a command at the root and collects what it prints; `echo` also shows it as it comes. */
export function runTask(
  command: string,
  args: readonly string[],
  options: { echo?: boolean; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<TaskResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, PATH, ...options.env },
    });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      if (options.echo) process.stdout.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
