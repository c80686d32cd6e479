/** /api/v1/rules, alerts, alertmanagers. Source: https://prometheus.io/docs/prometheus/latest/querying/api/#rules */
import { type Alert, matchesAll } from '@watchroom/model';
import type { RuleGroupStatus, RuleStatus } from '@watchroom/rules';
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../context.ts';
import { getOnly, merged, sendJson } from './exchange.ts';
import { envelope } from './json.ts';
import { badParameter, limitOf, matcherSets, type RawParameters, repeated, single } from './parameters.ts';
import { noParameters, rulesSchema } from './schemas.ts';

export function registerRuleRoutes(app: FastifyInstance, context: ServerContext): void {
  getOnly(app, '/api/v1/rules', rulesSchema, (request, reply) => {
    const raw = merged(request);
    const groups = selectGroups(context.rules.groups(), raw);
    const { page, nextToken } = paginate(groups, raw);
    const withAlerts = single(raw, 'exclude_alerts') !== 'true';
    const data = {
      groups: page.map((group) => groupBody(group, withAlerts)),
      ...(nextToken === undefined ? {} : { groupNextToken: nextToken }),
    };
    return sendJson(reply, envelope(JSON.stringify(data)));
  });

  getOnly(app, '/api/v1/alerts', noParameters, (_request, reply) => {
    const active = context.rules.alerts().filter((alert) => alert.state !== 'inactive');
    return sendJson(reply, envelope(JSON.stringify({ alerts: active.map(alertBody) })));
  });

  getOnly(app, '/api/v1/alertmanagers', noParameters, (_request, reply) =>
    sendJson(reply, envelope('{"activeAlertmanagers":[],"droppedAlertmanagers":[]}')),
  );
}

function selectGroups(groups: readonly RuleGroupStatus[], raw: RawParameters): RuleGroupStatus[] {
  const type = single(raw, 'type');
  if (type !== undefined && type !== 'alert' && type !== 'record') {
    throw badParameter('type', `not supported value ${JSON.stringify(type)}`);
  }
  const names = new Set(repeated(raw, 'rule_name[]'));
  const groupNames = new Set(repeated(raw, 'rule_group[]'));
  const files = new Set(repeated(raw, 'file[]'));
  const matchers = matcherSets(raw);
  const keeps = (rule: RuleStatus): boolean =>
    (type === undefined || (type === 'alert') === (rule.kind === 'alerting')) &&
    (names.size === 0 || names.has(rule.name)) &&
    (matchers.length === 0 || matchers.some((set) => matchesAll(set, rule.labels)));
  const filtered = type !== undefined || names.size > 0 || matchers.length > 0;
  return groups
    .filter(
      ({ name, file }) =>
        (groupNames.size === 0 || groupNames.has(name)) && (files.size === 0 || files.has(file)),
    )
    .map((group) => ({ ...group, rules: group.rules.filter(keeps) }))
    .filter((group) => !filtered || group.rules.length > 0);
}

function paginate(
  groups: readonly RuleGroupStatus[],
  raw: RawParameters,
): { page: readonly RuleGroupStatus[]; nextToken: string | undefined } {
  const limit = limitOf(raw, 'group_limit');
  const token = single(raw, 'group_next_token');
  const from = token === undefined ? 0 : groups.findIndex((group) => tokenOf(group) === token);
  if (from < 0) throw badParameter('group_next_token', `invalid group_next_token ${JSON.stringify(token)}`);
  const next = groups[from + limit];
  return { page: groups.slice(from, from + limit), nextToken: next && tokenOf(next) };
}

function tokenOf(group: RuleGroupStatus): string {
  return Buffer.from(`${group.file};${group.name}`).toString('base64url');
}

function groupBody(group: RuleGroupStatus, withAlerts: boolean): object {
  return {
    name: group.name,
    file: group.file,
    rules: group.rules.map((rule) => ruleBody(rule, withAlerts)),
    interval: group.intervalMs / 1000,
    limit: group.limit,
    evaluationTime: group.evaluationMs / 1000,
    lastEvaluation: timeText(group.lastEvaluationMs),
  };
}

function ruleBody(rule: RuleStatus, withAlerts: boolean): object {
  const common = {
    name: rule.name,
    query: rule.expr,
    labels: rule.labels.toObject(),
    health: rule.health,
    ...(rule.lastError === undefined ? {} : { lastError: rule.lastError }),
    evaluationTime: rule.evaluationMs / 1000,
    lastEvaluation: timeText(rule.lastEvaluationMs),
  };
  const { alerting } = rule;
  if (!alerting) return { ...common, type: 'recording' };
  return {
    state: alerting.state,
    ...common,
    duration: alerting.forMs / 1000,
    keepFiringFor: alerting.keepFiringForMs / 1000,
    annotations: alerting.annotations.toObject(),
    alerts: withAlerts ? alerting.alerts.map(alertBody) : [],
    type: 'alerting',
  };
}

function alertBody(alert: Alert): object {
  return {
    labels: alert.labels.toObject(),
    annotations: alert.annotations.toObject(),
    state: alert.state,
    activeAt: timeText(alert.activeAtMs),
    ...(alert.keepFiringSinceMs === undefined ? {} : { keepFiringSince: timeText(alert.keepFiringSinceMs) }),
    value: exponentForm(alert.value),
  };
}

/** Go's zero time stands for never. */
function timeText(timeMs: number): string {
  return timeMs === 0 ? '0001-01-01T00:00:00Z' : new Date(timeMs).toISOString();
}

/** Go's strconv.FormatFloat(v, 'e', -1, 64): `1e+00`. */
export function exponentForm(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
