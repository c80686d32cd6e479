/** What a fleet is made of: services, their routes, and the calls that a request on a route makes to other services. */

/** Which traffic a route's own visitors belong to; a flash sale multiplies the two differently. */
export type Audience = 'browse' | 'buy';

export interface CallSpec {
  readonly service: string;
  /** Name of the callee's route, for example "POST /orders". */
  readonly route: string;
  /** Calls per request; 0.4 means four requests in ten. */
  readonly weight: number;
  /** Seconds after which the caller gives up; the call then counts as code 504. */
  readonly timeoutS: number;
  /** Fire and forget: it neither delays the request nor fails it. */
  readonly detached?: boolean;
}

export interface RouteSpec {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Status of a good answer. */
  readonly okCode: '200' | '201' | '202';
  /** Median seconds of the service's own work, and the spread of its logarithm. */
  readonly workS: number;
  readonly spread: number;
  /** Seconds of processor time per request. */
  readonly cpuS: number;
  /** Requests per second from outside the fleet, to the whole service. */
  readonly visits?: { readonly perSecond: number; readonly audience: Audience };
  readonly calls?: readonly CallSpec[];
  /** Takes a connection of the Redis pool for as long as the request lasts. */
  readonly pooled?: boolean;
}

export interface ServiceSpec {
  readonly name: string;
  readonly cluster: string;
  readonly instances: number;
  readonly memoryLimitBytes: number;
  readonly heapBaseBytes: number;
  /** Open requests at which the instance's connection limit is reached. */
  readonly connectionLimit: number;
  /** Connections of the Redis pool per instance; absent: the service has none. */
  readonly poolMax?: number;
  /** Its limiter sheds load with 429 when the operators ask for it. */
  readonly limiter?: boolean;
  readonly routes: readonly RouteSpec[];
}

export function routeName(route: { readonly method: string; readonly path: string }): string {
  return `${route.method} ${route.path}`;
}

/** Callers before callees. A call to an unknown service or route, or a cycle, is a mistake in the fleet's own data: it throws. */
export function orderByCalls(services: readonly ServiceSpec[]): ServiceSpec[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const state = new Map<string, 'open' | 'done'>();
  const calleesFirst: ServiceSpec[] = [];

  function visit(service: ServiceSpec): void {
    if (state.get(service.name) === 'done') return;
    if (state.get(service.name) === 'open')
      throw new Error(`service ${service.name} calls itself in a circle`);
    state.set(service.name, 'open');
    for (const call of service.routes.flatMap((route) => route.calls ?? [])) {
      const callee = byName.get(call.service);
      if (!callee?.routes.some((route) => routeName(route) === call.route))
        throw new Error(`service ${service.name} calls ${call.service} ${call.route}, which does not exist`);
      visit(callee);
    }
    state.set(service.name, 'done');
    calleesFirst.push(service);
  }

  for (const service of services) visit(service);
  return calleesFirst.reverse();
}
