/** The running fleet: the model, its instances' servers, the control server and the tick. */
import { startControlServer } from './control-server.ts';
import { createFleetModel, type FleetModel } from './fleet-model.ts';
import { genericServices } from './generic-services.ts';
import { createIncidentRunner, type IncidentRunner } from './incident.ts';
import { type InstanceServer, startInstanceServer } from './instance-server.ts';
import { createRandom } from './random.ts';
import { SHOP_SERVICES } from './shop.ts';
import { everyStep } from './ticker.ts';
import type { ServiceSpec } from './topology.ts';

export interface FleetOptions {
  readonly host: string;
  /** Port of the control server; the instances follow it. 0: every port is any free one. */
  readonly portBase: number;
  readonly seed: number;
  /** Multiplies the instances of each service, and the visits with them. */
  readonly instancesScale?: number;
  /** How many services in all: below 12 plain ones, from 12 on the shop and plain ones. Absent: the shop. */
  readonly services?: number;
  /** Seconds between changes of the values, each by as many seconds of fleet time; 1 when absent. */
  readonly stepS?: number;
  /** Samples carry the time of the last change; without it, whoever scrapes stamps them. */
  readonly timestamps?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** False: the caller ticks by hand. */
  readonly ticking?: boolean;
}

export interface Fleet {
  readonly controlUrl: string;
  readonly model: FleetModel;
  readonly incident: IncidentRunner;
  readonly servers: readonly InstanceServer[];
  /** One second of fleet time. */
  tick(): void;
  close(): Promise<void>;
}

export function servicesFor(options: Pick<FleetOptions, 'services' | 'instancesScale'>): ServiceSpec[] {
  const scale = options.instancesScale ?? 1;
  const count = options.services ?? SHOP_SERVICES.length;
  const shop = count < SHOP_SERVICES.length ? [] : SHOP_SERVICES;
  const scaled = shop.map((service) => ({
    ...service,
    instances: Math.max(1, Math.round(service.instances * scale)),
  }));
  return [...scaled, ...genericServices(count - shop.length)];
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { host, portBase, seed, now } = options;
  const model = createFleetModel({
    services: servicesFor(options),
    seed,
    visitScale: options.instancesScale ?? 1,
    startedAtS: Math.floor(now() / 1000),
  });
  const incident = createIncidentRunner();
  const stepS = options.stepS ?? 1;
  let changedAtMs = now();
  const tick = () => model.tick(incident.advance());
  const step = () => {
    for (let second = 0; second < stepS; second++) tick();
    changedAtMs = now();
  };
  const timestampMs = options.timestamps ? () => changedAtMs : undefined;
  const visitors = createRandom(seed + 1);
  const servers: InstanceServer[] = [];
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(closing.toReversed().map((one) => one()));
  };

  try {
    const control = await startControlServer({ host, port: portBase, seed, model, incident, servers });
    closing.push(control.close);
    for (const [i, instance] of model.instances.entries()) {
      const port = portBase === 0 ? 0 : portBase + 1 + i;
      const server = await startInstanceServer({ instance, host, port, random: visitors, timestampMs });
      servers.push(server);
      closing.push(server.close);
    }
    step();
    if (options.ticking !== false) {
      const stop = everyStep(now, stepS * 1000, step);
      closing.push(async () => stop());
    }
    return { controlUrl: control.url, model, incident, servers, tick, close };
  } catch (error) {
    await close();
    throw error;
  }
}
