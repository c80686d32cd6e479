/**
 * The fleet's control: discovery in Prometheus's HTTP SD format
 * (https://prometheus.io/docs/prometheus/latest/http_sd/), the incident, and faults for tests.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { FleetModel } from './fleet-model.ts';
import { type IncidentRunner, MAX_SPEED, MIN_SPEED } from './incident.ts';
import { type Fault, type InstanceServer, sendJson } from './instance-server.ts';
import { listen, stopListening } from './listening.ts';
import { SCENARIOS } from './scenario.ts';

const MAX_BODY_BYTES = 16 * 1024;
const FAULTS: readonly string[] = ['stop', 'hang', 'resume'];
const WILDCARDS = new Set(['0.0.0.0', '::']);

export interface ControlServerOptions {
  readonly host: string;
  readonly port: number;
  readonly seed: number;
  readonly model: FleetModel;
  readonly incident: IncidentRunner;
  /** Filled while the fleet starts. */
  readonly servers: readonly InstanceServer[];
}

export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A request that is declined: its status and one sentence. */
class Declined extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Body = Readonly<Record<string, unknown>>;

export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  let seed = options.seed;
  const status = () => ({ ...options.incident.status(), seed });

  const routes: Record<string, (request: IncomingMessage) => unknown> = {
    'GET /healthz': () => ({ status: 'ok' }),
    'GET /sd': (request) => targetGroups(options, request),
    'GET /status': status,
    async 'POST /incident'(request) {
      const body = await readBody(request);
      seed = startIncident(options, body) ?? seed;
      return status();
    },
    'DELETE /incident'() {
      options.incident.stop();
      return status();
    },
    async 'POST /fault'(request) {
      return { instances: await applyFault(options.servers, await readBody(request)) };
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = (request.url ?? '/').split('?', 1)[0] as string;
      const route = routes[`${request.method} ${path}`];
      if (!route)
        throw new Declined(404, `no ${request.method} ${path}; there are ${Object.keys(routes).join(', ')}`);
      ensureSameOrigin(request);
      sendJson(response, 200, await route(request));
    } catch (error) {
      const declined = error instanceof Declined;
      sendJson(response, declined ? error.status : 500, { error: declined ? error.message : String(error) });
    }
  }

  const server = await listen(
    createServer((request, response) => void handle(request, response)),
    options.host,
    options.port,
  );
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  const host = WILDCARDS.has(options.host) ? '127.0.0.1' : options.host;
  return { url: `http://${bracketed(host)}:${port}`, close: () => stopListening(server) };
}

/** A page of another site may not steer the fleet through its visitor's browser. */
function ensureSameOrigin(request: IncomingMessage): void {
  const { origin, host } = request.headers;
  if (request.method === 'GET' || origin === undefined) return;
  if (origin !== `http://${host}`) throw new Declined(403, `origin ${origin} may not control the fleet`);
}

/** Instances are advertised at the host they listen on, or at the name the asker used when that is a wildcard. */
function targetGroups({ host, servers }: ControlServerOptions, request: IncomingMessage): unknown {
  const asked = (request.headers.host ?? '127.0.0.1').replace(/:\d+$/, '');
  const name = WILDCARDS.has(host) ? asked : bracketed(host);
  return Object.entries(Object.groupBy(servers, ({ instance }) => instance.state.service.name)).map(
    ([service, members = []]) => ({
      targets: members.map(({ port }) => `${name}:${port}`),
      labels: { service, cluster: members[0]?.instance.state.service.cluster ?? '' },
    }),
  );
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Returns the seed that the incident began with, if it brought one. */
function startIncident({ incident, model }: ControlServerOptions, body: Body): number | undefined {
  const { name = 'double11', speed = 1, seed } = body;
  if (typeof name !== 'string' || !SCENARIOS.has(name))
    throw new Declined(
      400,
      `name must be one of ${[...SCENARIOS.keys()].join(', ')}, got ${JSON.stringify(name)}`,
    );
  if (typeof speed !== 'number' || !(speed >= MIN_SPEED && speed <= MAX_SPEED))
    throw new Declined(
      400,
      `speed must be a number from ${MIN_SPEED} to ${MAX_SPEED}, got ${JSON.stringify(speed)}`,
    );
  if (seed !== undefined && (typeof seed !== 'number' || !Number.isSafeInteger(seed)))
    throw new Declined(400, `seed must be a whole number, got ${JSON.stringify(seed)}`);
  if (!model.instances.some(({ state }) => state.service.name === 'order'))
    throw new Declined(409, `${name} needs the order service, which this fleet does not have`);
  if (!incident.start({ name, speed })) {
    const { name: current, elapsedS, lengthS } = incident.status();
    throw new Declined(409, `incident ${current} is running (${elapsedS} of ${lengthS} s); stop it first`);
  }
  if (seed !== undefined) model.reseed(seed);
  return seed;
}

async function applyFault(servers: readonly InstanceServer[], body: Body): Promise<unknown> {
  const { target, service, kind } = body;
  if (typeof kind !== 'string' || !FAULTS.includes(kind))
    throw new Declined(400, `kind must be one of ${FAULTS.join(', ')}, got ${JSON.stringify(kind)}`);
  if ((target === undefined) === (service === undefined))
    throw new Declined(400, 'name either a target (host:port or instance name) or a service');
  const chosen = servers.filter(({ instance, port }) =>
    service === undefined
      ? target === instance.name || (typeof target === 'string' && target.endsWith(`:${port}`))
      : instance.state.service.name === service,
  );
  if (chosen.length === 0)
    throw new Declined(404, `no instance matches ${JSON.stringify(target ?? service)}`);
  await Promise.all(chosen.map((server) => server.fault(kind as Fault)));
  return chosen.map(({ instance, port, health }) => ({ instance: instance.name, port, health }));
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    const chunk = part as Buffer;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Declined(413, `the body is longer than ${MAX_BODY_BYTES} bytes`);
    parts.push(chunk);
  }
  if (bytes === 0) return {};
  const text = Buffer.concat(parts).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body;
  } catch {
    throw new Declined(400, 'the body is not JSON');
  }
  throw new Declined(400, 'the body must be a JSON object');
}
