/** How many requests were answered and how long it took, by route: a few additions for each. */
import type { FastifyInstance } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import { CellHistogram, type Cells, type HistogramCell } from './cell-histogram.ts';

const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 8, 10];

interface RouteFigures {
  readonly durations: HistogramCell;
  /** By status code. */
  readonly answered: Map<number, number>;
}

export class RequestMetrics {
  readonly #durations: Cells<'method' | 'route'>;
  /** By method, then by route. */
  readonly #routes = new Map<string, Map<string, RouteFigures>>();

  constructor(registry: Registry) {
    const routes = this.#routes;
    new Counter({
      name: 'http_requests_total',
      help: 'HTTP requests answered, by route and status code.',
      labelNames: ['method', 'route', 'code'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [method, ofMethod] of routes)
          for (const [route, { answered }] of ofMethod)
            for (const [code, count] of answered) this.inc({ method, route, code: String(code) }, count);
      },
    });
    this.#durations = new CellHistogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the request to the end of its answer.',
      labelNames: ['method', 'route'],
      buckets: BUCKETS_S,
      registers: [registry],
    });
  }

  /** Counts and times every request of a Fastify server by its route pattern. */
  instrument(app: FastifyInstance): void {
    app.addHook('onResponse', (request, reply, done) => {
      const { answered, durations } = this.#figures(request.method, request.routeOptions.url ?? 'none');
      const code = reply.statusCode;
      answered.set(code, (answered.get(code) ?? 0) + 1);
      durations.observe(reply.elapsedTime / 1000);
      done();
    });
  }

  #figures(method: string, route: string): RouteFigures {
    const known = this.#routes.get(method)?.get(route);
    if (known) return known;
    const figures: RouteFigures = { durations: this.#durations.cell({ method, route }), answered: new Map() };
    const ofMethod = this.#routes.get(method) ?? new Map<string, RouteFigures>();
    this.#routes.set(method, ofMethod.set(route, figures));
    return figures;
  }
}
