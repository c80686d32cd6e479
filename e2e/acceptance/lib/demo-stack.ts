/** The demo as `npm start` runs it: the fleet and a server on config/demo.yml, with this measurement's ports. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, type Running, ready, startFleet, startServer, temporaryFolder } from './process.ts';

export interface DemoStack {
  readonly url: string;
  readonly fleetUrl: string;
  readonly server: Running;
  readonly fleet: Running;
}

export interface DemoOptions {
  readonly port: number;
  readonly fleetPort: number;
  /** Replaces health.interval of config/demo.yml, such as `1s`. */
  readonly healthInterval?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

export async function startDemo({ port, fleetPort, healthInterval, env }: DemoOptions): Promise<DemoStack> {
  const folder = temporaryFolder();
  let text = readFileSync(join(ROOT, 'config/demo.yml'), 'utf8')
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replaceAll('127.0.0.1:9400', `127.0.0.1:${fleetPort}`);
  if (healthInterval) {
    text = text
      .replace(/^ {4}interval: .*\n/m, '')
      .replace(/^ {2}health:\n/m, `  health:\n    interval: ${healthInterval}\n`);
  }
  const config = join(folder, 'demo.yml');
  writeFileSync(config, text);
  const [url, fleetUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${fleetPort}`];
  const fleet = startFleet(fleetPort);
  const server = startServer({ config, data: join(folder, 'data'), port }, env);
  await Promise.all([ready(fleet, `${fleetUrl}/healthz`), ready(server, `${url}/-/ready`)]);
  return { url, fleetUrl, server, fleet };
}
