/** A Prometheus that runs beside a test, with a target that both scrape and programs it needs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createPlainServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LOOK_EVERY_MS = 100;

export async function freePort(): Promise<number> {
  const server = createPlainServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** What `attempt` gives once it neither fails nor gives undefined; throws after `patienceMs`. */
export async function until<T>(
  what: string,
  patienceMs: number,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const endMs = performance.now() + patienceMs;
  while (performance.now() < endMs) {
    const result = await attempt().catch(() => undefined);
    if (result !== undefined) return result;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`never came: ${what}`);
}

export class PeerBench {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'watchroom-peer-'));
  readonly #children: ChildProcess[] = [];
  readonly #targets: Server[] = [];

  /** Serves metrics; gives the port. */
  async target(listener: RequestListener): Promise<number> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    this.#targets.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  run(program: string, ...args: string[]): void {
    this.#children.push(spawn(program, args, { cwd: this.folder, stdio: 'ignore' }));
  }

  /** Starts a Prometheus with this configuration; gives its URL, which may not answer yet. */
  async prometheus(program: string, configuration: string, ...more: string[]): Promise<string> {
    writeFileSync(join(this.folder, 'prometheus.yml'), configuration);
    const address = `127.0.0.1:${await freePort()}`;
    const storage = `--storage.tsdb.path=${join(this.folder, 'data')}`;
    const listen = `--web.listen-address=${address}`;
    this.run(program, '--config.file=prometheus.yml', storage, listen, '--log.level=error', ...more);
    return `http://${address}`;
  }

  /** Ends all of it and removes the folder. */
  async stop(): Promise<void> {
    for (const child of this.#children) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    for (const target of this.#targets) {
      target.closeAllConnections();
      target.close();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
