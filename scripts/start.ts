/**
 * npm start: builds the web app when needed, starts the server and the demo fleet, prints the addresses.
 * Options after `--`: --port N, --fleet-port N, --data DIR, --config FILE, --no-demo.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dataFolderFault } from '../apps/server/src/data-folder.ts';
import { ROOT } from './lib/files.ts';
import { buildServer, sourcesRun } from './lib/server-build.ts';
import { buildWeb } from './lib/web-build.ts';

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 50;
const HOST = '127.0.0.1';
const DEMO_CONFIG = join(ROOT, 'config', 'demo.yml');
const DEMO_PORT = 8080;
const DEMO_FLEET_PORT = 9400;

interface Options {
  readonly port: number;
  readonly fleetPort: number;
  readonly data: string;
  readonly config: string | undefined;
  readonly demo: boolean;
}

class StartError extends Error {}

function readOptions(): Options {
  const { values } = parseOptions();
  return {
    port: portOf('--port', values.port),
    fleetPort: portOf('--fleet-port', values['fleet-port']),
    data: resolve(values.data),
    config: values.config === undefined ? undefined : resolve(values.config),
    demo: !values['no-demo'] && values.config === undefined,
  };
}

function parseOptions() {
  const args = process.argv.slice(2);
  try {
    return parseArgs({
      args: args[0] === '--' ? args.slice(1) : args,
      options: {
        port: { type: 'string', default: String(DEMO_PORT) },
        'fleet-port': { type: 'string', default: String(DEMO_FLEET_PORT) },
        data: { type: 'string', default: join(ROOT, '.watchroom') },
        config: { type: 'string' },
        'no-demo': { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new StartError(
      `${(error as Error).message.split('. ')[0]}; options: --port --fleet-port --data --config --no-demo`,
    );
  }
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new StartError(`${option} ${text} is not a port; give a number from 1 to 65535`);
}

function ensurePortFree(port: number, option: string): Promise<void> {
  return new Promise((done, refuse) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${error.code})`;
      refuse(new StartError(`port ${port} ${reason}; choose another: npm start -- ${option} ${port + 1}`));
    });
    probe.listen(port, HOST, () => probe.close(() => done()));
  });
}

/** The demo's configuration with this start's ports, written to the data folder. */
function writeDemoConfig(options: Options): string {
  const text = readFileSync(DEMO_CONFIG, 'utf8')
    .replaceAll(`${HOST}:${DEMO_PORT}`, `${HOST}:${options.port}`)
    .replaceAll(`${HOST}:${DEMO_FLEET_PORT}`, `${HOST}:${options.fleetPort}`);
  const file = join(options.data, 'demo.yml');
  writeFileSync(file, text);
  return file;
}

class Children {
  readonly #running = new Map<string, ChildProcess>();
  #stopping = false;

  start(name: string, args: readonly string[]): void {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      // As in bin/watchroom.
      env: { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '81920', ...process.env },
    });
    this.#running.set(name, child);
    child.on('exit', (code) => {
      this.#running.delete(name);
      if (!this.#stopping) this.stop(code === 0 ? 1 : (code ?? 1));
      else if (this.#running.size === 0) process.exit();
    });
  }

  stop(code: number): void {
    this.#stopping = true;
    process.exitCode = code;
    for (const child of this.#running.values()) child.kill('SIGTERM');
    if (this.#running.size === 0) process.exit();
  }

  get stopping(): boolean {
    return this.#stopping;
  }
}

async function waitReady(url: string, children: Children): Promise<boolean> {
  const endMs = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < endMs && !children.stopping) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return true;
    await new Promise((next) => setTimeout(next, READY_POLL_MS));
  }
  return false;
}

async function start(): Promise<void> {
  const startedMs = performance.now();
  const options = readOptions();
  await ensurePortFree(options.port, '--port');
  if (options.demo) await ensurePortFree(options.fleetPort, '--fleet-port');
  const fault = dataFolderFault(options.data);
  if (fault) throw new StartError(`${fault}; choose another: npm start -- --data DIR`);
  const config = options.demo ? writeDemoConfig(options) : options.config;
  console.log('watchroom: building what has changed');
  const build = await buildWeb();
  if (build.faults.length > 0)
    throw new StartError(`the web app does not build:\n${build.faults.join('\n')}`);
  const server = await buildServer();
  for (const fault of server.faults) console.error(sourcesRun(fault));

  const children = new Children();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => children.stop(0));
  if (options.demo) {
    children.start('fleet', [
      'apps/demo-fleet/src/main.ts',
      'serve',
      '--port-base',
      String(options.fleetPort),
    ]);
  }
  const listen = `${HOST}:${options.port}`;
  const serve = [
    // As in bin/watchroom.
    '--max-semi-space-size=8',
    '--no-parallel-scavenge',
    '--expose-gc',
    '--minimum-invocations-after-ic-update=100',
    '--memory-reducer-gc-count=1',
    server.program,
    'serve',
    '--data',
    join(options.data, 'data'),
    '--listen',
    listen,
  ];
  children.start('server', config === undefined ? serve : [...serve, '--config', config]);
  if (!(await waitReady(`http://${listen}/-/ready`, children))) {
    if (!children.stopping) throw new StartError('the server did not become ready; its messages are above');
    return;
  }
  printAddresses(options, listen, (performance.now() - startedMs) / 1000);
}

function printAddresses(options: Options, listen: string, seconds: number): void {
  const lines = [
    `watchroom: ready in ${seconds.toFixed(1)} s`,
    `  wall      http://${listen}/`,
    `  explore   http://${listen}/explore`,
    `  API       http://${listen}/api/docs`,
    ...(options.demo ? [`  incident  ${incidentCommand(options)}, or the button on the wall`] : []),
    `  data      ${options.data}`,
    '  stop      Ctrl+C',
  ];
  console.log(lines.join('\n'));
}

function incidentCommand({ fleetPort }: Options): string {
  const url = fleetPort === DEMO_FLEET_PORT ? '' : ` --url http://${HOST}:${fleetPort}`;
  return `npm run demo -- incident start --speed 10${url}`;
}

try {
  await start();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(`watchroom: ${error.message}`);
  process.exit(1);
}
