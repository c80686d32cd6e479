/** Real processes for the measuring scripts: started on given ports, watched for readiness, ended with the script. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { peerProgram } from '@watchroom/testkit';

export const ROOT = resolve(import.meta.dirname, '../../..');
const OUTPUT_KEPT = 20_000;
const READY_POLL_MS = 20;

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  /** The last of what it printed. */
  output(): string;
  /** Resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const running = new Set<Running>();
const folders: string[] = [];

/** Starts `command`; it ends with this script at the latest. */
export function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(command, [...args], { cwd: ROOT, env: { ...process.env, ...env } });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-OUTPUT_KEPT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const one: Running = {
    child,
    pid: child.pid ?? -1,
    output: () => output,
    async stop(signal = 'SIGTERM') {
      running.delete(one);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
  running.add(one);
  return one;
}

export function startServer(
  options: { config: string; data: string; port: number },
  env?: NodeJS.ProcessEnv,
): Running {
  const { config, data, port } = options;
  const args = ['serve', '--config', config, '--data', data, '--listen', `127.0.0.1:${port}`];
  return start(join(ROOT, 'bin/watchroom'), args, env);
}

export function startFleet(port: number, args: readonly string[] = []): Running {
  const main = join(ROOT, 'apps/demo-fleet/src/main.ts');
  return start(process.execPath, [main, 'serve', '--port-base', String(port), ...args]);
}

/** Waits until `url` answers 200; gives the ms since the call. Throws when the process ends or `withinMs` passes. */
export async function ready(one: Running, url: string, withinMs = 30_000): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    const tookMs = performance.now() - startedMs;
    await answer?.body?.cancel();
    if (answer?.ok) return tookMs;
    if (one.child.exitCode !== null)
      throw new Error(`ended with ${one.child.exitCode} before ${url} answered:\n${one.output()}`);
    if (tookMs > withinMs) throw new Error(`${url} did not answer within ${withinMs} ms:\n${one.output()}`);
    await sleep(READY_POLL_MS);
  }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'watchroom-acceptance-'));
  folders.push(folder);
  return folder;
}

/** A program on the PATH, or in the folder that WATCHROOM_PEERS names. */
export function peer(name: string): string {
  const found = peerProgram(name);
  if (found === undefined)
    throw new Error(`${name} is neither on the PATH nor in the folder that WATCHROOM_PEERS names`);
  return found;
}

async function cleanUp(): Promise<void> {
  await Promise.all([...running].map((one) => one.stop('SIGKILL')));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Runs a measurement: its answer is whether the criterion is met. Processes and folders are gone afterwards. */
export async function measure(work: () => Promise<boolean>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void cleanUp().then(() => process.exit(130)));
  try {
    const met = await work();
    console.log(met ? 'criterion met' : 'criterion MISSED');
    process.exitCode = met ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  } finally {
    await cleanUp();
    // Worker threads and browsers of a measurement that failed would keep the script alive.
    process.exit();
  }
}
