/** /api/v1/rules, alerts, alertmanagers. Source: https://prometheus.io/docs/prometheus/latest/querying/api/#rules */

import { createHash } from 'node:crypto';
import { type Alert, compareBytes, type Matcher, matchesAll } from '@watchroom/model';
import type { RuleGroupStatus, RuleStatus } from '@watchroom/rules';
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../context.ts';
import { ApiError } from './api-error.ts';
import { envelope } from './envelope.ts';
import { getOnly, merged, sendJson } from './exchange.ts';
import {
  badParameter,
  type RawParameters,
  repeated,
  selectorMatchers,
  single,
  wholeNumber,
} from './parameters.ts';
import { noParameters, rulesSchema } from './schemas.ts';

export function registerRuleRoutes(app: FastifyInstance, context: ServerContext): void {
  getOnly(app, '/api/v1/rules', rulesSchema, (request, reply) => {
    const raw = merged(request);
    const groups = selectGroups(context.rules.groups(), raw);
    const withAlerts = !flagOf(raw, 'exclude_alerts');
    const { page, nextToken } = paginate(groups, raw);
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
  const type = single(raw, 'type')?.toLowerCase();
  if (type !== undefined && type !== 'alert' && type !== 'record') {
    throw badParameter('type', `not supported value ${JSON.stringify(type)}`);
  }
  const names = new Set(repeated(raw, 'rule_name[]'));
  const groupNames = new Set(repeated(raw, 'rule_group[]'));
  const files = new Set(repeated(raw, 'file[]'));
  const matchers = ruleMatchers(raw);
  const keeps = (rule: RuleStatus): boolean =>
    (type === undefined || (type === 'alert') === (rule.kind === 'alerting')) &&
    (names.size === 0 || names.has(rule.name)) &&
    (matchers.length === 0 || matchers.some((set) => matchesAll(set, rule.labels)));
  const filtered = type !== undefined || names.size > 0 || matchers.length > 0;
  return [...groups]
    .sort((a, b) => compareBytes(a.file, b.file) || compareBytes(a.name, b.name))
    .filter(
      ({ name, file }) =>
        (groupNames.size === 0 || groupNames.has(name)) && (files.size === 0 || files.has(file)),
    )
    .map((group) => ({ ...group, rules: group.rules.filter(keeps) }))
    .filter((group) => !filtered || group.rules.length > 0);
}

/** Here a faulty selector is told without the parameter's name. */
function ruleMatchers(raw: RawParameters): Matcher[][] {
  try {
    return repeated(raw, 'match[]').map((text) => selectorMatchers(text));
  } catch (error) {
    throw error instanceof Error ? new ApiError('bad_data', error.message) : error;
  }
}

/** As Go's strconv.ParseBool reads it. */
function flagOf(raw: RawParameters, name: string): boolean {
  const text = single(raw, name);
  if (text === undefined || /^(0|f|F|false|FALSE|False)$/.test(text)) return false;
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  const reason = `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw badParameter(name, `error converting ${name}: ${reason}`);
}

function paginate(
  groups: readonly RuleGroupStatus[],
  raw: RawParameters,
): { page: readonly RuleGroupStatus[]; nextToken: string | undefined } {
  const limit = groupLimit(raw);
  const token = single(raw, 'group_next_token');
  if (token !== undefined && limit === undefined) {
    const reason = 'group_limit needs to be present in order to paginate over the groups';
    throw badParameter('group_next_token', reason);
  }
  const from = token === undefined ? 0 : groups.findIndex((group) => tokenOf(group) === token);
  if (from < 0) {
    const reason = `invalid group_next_token '${token}'. were rule groups changed?`;
    throw badParameter('group_next_token', reason);
  }
  const to = limit === undefined ? groups.length : from + limit;
  const next = groups[to];
  return { page: groups.slice(from, to), nextToken: next && tokenOf(next) };
}

function groupLimit(raw: RawParameters): number | undefined {
  const text = single(raw, 'group_limit');
  if (text === undefined) return undefined;
  const limit = wholeNumber(text);
  if (limit === undefined) {
    const reason = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw badParameter('group_limit', `group_limit needs to be a valid number: ${reason}`);
  }
  if (limit <= 0) throw badParameter('group_limit', 'group_limit needs to be greater than 0');
  return limit;
}

/** Names a group from page to page. */
function tokenOf(group: RuleGroupStatus): string {
  return createHash('sha1').update(`${group.file};${group.name}`).digest('hex');
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
    alerts: withAlerts ? alerting.alerts.map(alertBody) : null,
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
