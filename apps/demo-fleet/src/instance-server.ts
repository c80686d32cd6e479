/** One instance as an HTTP server: /metrics, /healthz and the routes of its service, answering as the model stands. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { stamp } from './exposition.ts';
import type { Instance, Outcome } from './fleet-model.ts';
import { isFailure } from './fleet-model.ts';
import { listen, stopListening } from './listening.ts';
import type { Random } from './random.ts';
import type { RouteSpec } from './topology.ts';

export type Fault = 'stop' | 'hang' | 'resume';
export type Health = 'up' | 'stopped' | 'hanging';

export interface InstanceServer {
  readonly instance: Instance;
  readonly port: number;
  readonly health: Health;
  /** stop: connections are refused; hang: accepted, never answered; resume: as before, on the same port. */
  fault(kind: Fault): Promise<void>;
  close(): Promise<void>;
}

export interface InstanceServerOptions {
  readonly instance: Instance;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Picks among the outcomes of the last tick; apart from the model's own chance, so that visitors change nothing. */
  readonly random: Random;
  /** The time of the samples in ms, where they carry one. */
  readonly timestampMs?: (() => number) | undefined;
}

export async function startInstanceServer(options: InstanceServerOptions): Promise<InstanceServer> {
  const { instance, host, random, timestampMs } = options;
  const paths = instance.state.service.routes.map((route) => ({ route, pattern: patternOf(route) }));
  let health: Health = 'up';

  function handle(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    if (health !== 'up') return;
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    if (path === '/metrics') {
      void sendMetrics(instance, request, response, timestampMs);
      return;
    }
    if (path === '/healthz') sendJson(response, 200, { status: 'ok', instance: instance.name });
    else visit(request, response, path);
  }

  function visit(request: IncomingMessage, response: ServerResponse, path: string): void {
    const matching = paths.filter(({ pattern }) => pattern.test(path));
    const found = matching.find(({ route }) => route.method === request.method);
    if (found) answer(instance, found.route, response, random);
    else sendJson(response, matching.length > 0 ? 405 : 404, { error: `no route ${request.method} ${path}` });
  }

  function open(port: number): Promise<Server> {
    return listen(createServer({ keepAliveTimeout: 30_000 }, handle), host, port);
  }

  let server = await open(options.port);
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;

  async function fault(kind: Fault): Promise<void> {
    if (kind === 'stop') {
      health = 'stopped';
      await stopListening(server);
    } else if (kind === 'hang') {
      if (!server.listening) server = await open(port);
      health = 'hanging';
    } else {
      if (health === 'hanging') server.closeAllConnections();
      if (!server.listening) server = await open(port);
      health = 'up';
    }
    instance.state.live = health === 'up';
  }

  return {
    instance,
    port,
    get health() {
      return health;
    },
    fault,
    close: () => stopListening(server),
  };
}

async function sendMetrics(
  instance: Instance,
  request: IncomingMessage,
  response: ServerResponse,
  timestampMs: InstanceServerOptions['timestampMs'],
): Promise<void> {
  try {
    const { contentType, body } = await instance.exposition.render(request.headers.accept);
    const text = timestampMs ? stamp(body, contentType, timestampMs()) : body;
    sendText(response, 200, contentType, text);
  } catch (error) {
    sendJson(response, 500, { error: String(error) });
  }
}

/** A visitor gets what one of the route's requests got in the last tick, in as many seconds, and is counted like it. */
function answer(instance: Instance, route: RouteSpec, response: ServerResponse, random: Random): void {
  const recent = instance.recent(route);
  const outcome: Outcome = recent[random.below(recent.length)] ?? {
    code: route.okCode,
    seconds: route.workS,
  };
  instance.metrics.served(route, outcome.code, outcome.seconds);
  const timer = setTimeout(() => sendOutcome(instance, outcome, response), outcome.seconds * 1000);
  response.once('close', () => clearTimeout(timer));
}

function sendOutcome(instance: Instance, { code, seconds }: Outcome, response: ServerResponse): void {
  const body = {
    service: instance.state.service.name,
    instance: instance.name,
    durationMs: Math.round(seconds * 1000),
  };
  if (code === '2003') {
    response.setHeader('x-error-code', code);
    sendJson(response, 503, { ...body, code: 2003, error: 'no connection to Redis in time' });
  } else {
    const failure = isFailure(code) ? { code: Number(code), error: 'unavailable' } : {};
    sendJson(response, Number(code), { ...body, ...failure });
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  sendText(response, status, 'application/json', `${JSON.stringify(body)}\n`);
}

/** With its length, so that head and body leave in one write and not in chunks. */
function sendText(response: ServerResponse, status: number, contentType: string, text: string): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function patternOf({ path }: RouteSpec): RegExp {
  return new RegExp(`^${path.replaceAll(/:[a-z]+/g, '[^/]+')}$`);
}
