import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../context.ts';
import { registerAdminRoutes } from './admin-routes.ts';
import { registerExemplarRoute } from './exemplar-route.ts';
import { registerFederation } from './federation/federate-route.ts';
import { registerQueryRoutes } from './query-routes.ts';
import { registerRuleRoutes } from './rule-routes.ts';
import { registerSeriesRoutes } from './series-routes.ts';
import { registerStatusRoutes } from './status-routes.ts';
import { registerTargetRoutes } from './target-routes.ts';
import { registerWriteRoute } from './write-route.ts';

/** Prometheus' HTTP API under /api/v1/, and /federate. */
export function registerPrometheusApi(app: FastifyInstance, context: ServerContext): void {
  registerQueryRoutes(app, context);
  registerExemplarRoute(app, context);
  registerSeriesRoutes(app, context);
  registerTargetRoutes(app, context);
  registerRuleRoutes(app, context);
  registerStatusRoutes(app, context);
  registerAdminRoutes(app, context);
  registerWriteRoute(app, context);
  registerFederation(app, context);
}
