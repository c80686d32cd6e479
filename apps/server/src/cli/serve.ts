import { flushCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { systemClock } from '@watchroom/model';
import { giveHeapBack } from '@watchroom/model/heap-slack';
import { threadLink } from '@watchroom/scrape/thread';
import { lastWriteMs } from '@watchroom/tsdb/heartbeat';
import type { RunningApp } from '../app.ts';
import { compileSooner } from '../compile-sooner.ts';
import type { ListenAddress } from '../context.ts';
import type { AppOptions } from '../first-steps.ts';
import { giveMemoryBack } from '../free-memory.ts';
import { paceHeapGrowth } from '../heap-growth.ts';
import { isLoopback } from '../http/security.ts';
import { createLog } from '../log.ts';
import { StartError } from '../start-error.ts';
import { VERSION } from '../version.ts';
import { parseCommand, UsageError } from './command.ts';

const STOP_WITHIN_MS = 4500;
const KEEP_COMPILED_AFTER_MS = 1000;

/** Runs the server in the foreground until SIGTERM or SIGINT. */
export async function serveCommand(args: string[]): Promise<number> {
  const { values } = parseCommand({
    args,
    options: {
      config: { type: 'string' },
      data: { type: 'string', default: 'data' },
      listen: { type: 'string', default: '127.0.0.1:8080' },
      'allow-remote-without-sign-in': { type: 'boolean', default: false },
    },
  });
  const listen = parseListen(values.listen);
  if (!isLoopback(listen.host) && !values['allow-remote-without-sign-in']) {
    throw new UsageError(
      `refusing to listen on ${listen.host}: there is no sign-in yet, so everyone who reaches it could read everything; ` +
        'listen on 127.0.0.1 behind a proxy that asks who is there, or add --allow-remote-without-sign-in',
    );
  }
  const log = createLog((line) => process.stderr.write(line), systemClock.now);
  const dataDir = resolve(values.data);
  const app = await start({
    fetching: threadLink(systemClock, process.env, { lastWriteMs: lastWriteMs(dataDir) }),
    version: VERSION,
    configFile: values.config === undefined ? undefined : resolve(values.config),
    dataDir,
    listen,
    clock: systemClock,
    log,
    env: process.env,
  });
  const growth = paceHeapGrowth();
  giveMemoryBack((what, reason) => log.info(what, { reason }));
  giveHeapBack(() => growth.settled());
  compileSooner(systemClock, () => app.store.stats().series);
  process.on('SIGHUP', () => void app.reload());
  // The runtime keeps compiled code at exit only: after a kill -9 the next start would compile everything again.
  setTimeout(flushCompileCache, KEEP_COMPILED_AFTER_MS).unref();
  return new Promise((done) => {
    const stop = (signal: string): void => {
      log.info('stopping', { signal });
      setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
      void app.close().then(() => {
        log.info('stopped');
        done(0);
        process.exit(0);
      });
    };
    process.once('SIGTERM', () => stop('SIGTERM'));
    process.once('SIGINT', () => stop('SIGINT'));
  });
}

/** Loads the server in parts: while one is loaded the thread that fetches comes up, while the next is targets are scraped. */
async function start(options: AppOptions): Promise<RunningApp> {
  try {
    const { firstSteps } = await import('../first-steps.ts');
    const first = firstSteps(options);
    const { startApp } = await import('../app.ts');
    return await startApp(options, first);
  } catch (error) {
    if (error instanceof StartError) throw new UsageError(error.message, 1);
    throw error;
  }
}

/** HOST:PORT, [IPv6]:PORT or :PORT. */
function parseListen(text: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535)
    throw new UsageError(`--listen ${text} is not HOST:PORT, for example 127.0.0.1:8080`);
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
}
