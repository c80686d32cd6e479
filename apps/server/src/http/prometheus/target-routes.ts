/** /api/v1/targets, targets/metadata, targets/relabel_steps; source: https://prometheus.io/docs/prometheus/latest/querying/api/#targets */
import { formatDuration, type MetricMetadata, matchesAll } from '@watchroom/model';
import type { TargetStatus, TargetTrace } from '@watchroom/scrape';
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../context.ts';
import { ApiError } from './api-error.ts';
import { envelope } from './envelope.ts';
import { getOnly, merged, sendJson } from './exchange.ts';
import { badParameter, matcherSets, plainLimit, single } from './parameters.ts';
import { relabelStepsSchema, targetMetadataSchema, targetsSchema } from './schemas.ts';

export function registerTargetRoutes(app: FastifyInstance, context: ServerContext): void {
  getOnly(app, '/api/v1/targets', targetsSchema, (request, reply) => {
    const raw = merged(request);
    const state = (single(raw, 'state') ?? 'any').toLowerCase();
    const pool = single(raw, 'scrapePool');
    const inPool = (item: { pool: string }): boolean => pool === undefined || item.pool === pool;
    const showsDropped = state === 'any' || state === 'dropped';
    const active = state === 'any' || state === 'active' ? context.scrape.targets().filter(inPool) : [];
    const dropped = showsDropped ? context.scrape.dropped().filter(inPool) : [];
    const data = {
      activeTargets: active.map(targetBody),
      droppedTargets: dropped.map((item) => ({
        discoveredLabels: item.discoveredLabels.toObject(),
        scrapePool: item.pool,
        ...(item.fault === '' ? {} : { fault: item.fault }),
      })),
      droppedTargetCounts: showsDropped ? context.scrape.droppedCounts() : null,
    };
    return sendJson(reply, envelope(JSON.stringify(data)));
  });

  getOnly(app, '/api/v1/scrape_pools', targetsSchema, (_request, reply) => {
    const scrapePools = [...new Set(context.configuration.current.scrapeConfigs.map((job) => job.jobName))];
    return sendJson(reply, envelope(JSON.stringify({ scrapePools })));
  });

  getOnly(app, '/api/v1/targets/metadata', targetMetadataSchema, (request, reply) => {
    const raw = merged(request);
    const limit = plainLimit(raw, 'limit');
    const matchers = single(raw, 'match_target') === undefined ? [] : matcherSets(raw, 'match_target');
    const metric = single(raw, 'metric');
    const found: object[] = [];
    for (const target of context.scrape.metadata()) {
      if (matchers.length > 0 && !matchers.some((set) => matchesAll(set, target.labels))) continue;
      for (const [name, metadata] of target.metrics) {
        if (metric !== undefined && name !== metric) continue;
        const body: MetricMetadata = metadata;
        const named = metric === undefined ? { metric: name } : {};
        found.push({ target: target.labels.toObject(), ...named, ...body });
      }
    }
    return sendJson(reply, envelope(JSON.stringify(found.slice(0, limit))));
  });

  getOnly(app, '/api/v1/targets/relabel_steps', relabelStepsSchema, (request, reply) => {
    const raw = merged(request);
    const pool = single(raw, 'scrapePool');
    const id = single(raw, 'id');
    if (pool === undefined || id === undefined) throw badParameter('id', 'scrapePool and id name the target');
    const trace = context.scrape.trace(pool, id);
    if (!trace) throw new ApiError('not_found', `there is no target ${id} in pool ${pool}`);
    const data = {
      discoveredLabels: trace.discoveredLabels.toObject(),
      steps: trace.steps.map((step) => ({
        rule: ruleBody(step.rule),
        labels: step.labels?.toObject() ?? null,
      })),
      labels: trace.labels?.toObject() ?? null,
    };
    return sendJson(reply, envelope(JSON.stringify(data)));
  });
}

/** A rule as the configuration writes it, without what its action does not read. */
function ruleBody(rule: TargetTrace['steps'][number]['rule']): object {
  return {
    action: rule.action,
    ...(rule.sourceLabels.length > 0 ? { source_labels: rule.sourceLabels } : {}),
    ...(rule.separator === ';' ? {} : { separator: rule.separator }),
    regex: rule.regex.source,
    ...(rule.modulus === 0n ? {} : { modulus: Number(rule.modulus) }),
    ...(rule.targetLabel === '' ? {} : { target_label: rule.targetLabel }),
    replacement: rule.replacement,
  };
}

function targetBody(target: TargetStatus): object {
  return {
    id: target.id,
    discoveredLabels: target.discoveredLabels.toObject(),
    labels: target.labels.toObject(),
    scrapePool: target.pool,
    scrapeUrl: target.url,
    globalUrl: target.url,
    lastError: target.lastError,
    lastScrape:
      target.lastScrapeMs === undefined
        ? '0001-01-01T00:00:00Z'
        : new Date(target.lastScrapeMs).toISOString(),
    lastScrapeDuration: target.lastScrapeDurationMs / 1000,
    health: target.health,
    scrapeInterval: formatDuration(target.intervalMs),
    scrapeTimeout: formatDuration(target.timeoutMs),
  };
}
