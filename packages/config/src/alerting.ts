/** The `alerting` section: where alerts go. Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#alertmanager_config */
import { buildDiscovery, DISCOVERY_FIELDS } from './discovery.ts';
import { buildHttp, HTTP_FIELDS } from './http-client.ts';
import type { Place } from './place.ts';
import { anything, list, oneOf, positiveDuration, readObject, text } from './read.ts';
import { relabelRules } from './relabel-rules.ts';
import type { AlertingConfig, AlertmanagerConfig } from './types.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

/** Reads `alerting`; gives empty lists for an absent section. */
export function readAlerting(place: Place): AlertingConfig {
  const raw = readObject(place, {
    alert_relabel_configs: relabelRules('alert relabeling'),
    alertmanagers: list(readAlertmanager, 'empty or null alertmanager config section'),
  });
  return { alertRelabelConfigs: raw?.alert_relabel_configs ?? [], alertmanagers: raw?.alertmanagers ?? [] };
}

function readAlertmanager(place: Place): AlertmanagerConfig | undefined {
  const raw = readObject(place, {
    ...DISCOVERY_FIELDS,
    ...HTTP_FIELDS,
    relabel_configs: relabelRules('Alertmanager target relabeling'),
    alert_relabel_configs: relabelRules('Alertmanager alert relabeling'),
    scheme: oneOf(['http', 'https']),
    path_prefix: text,
    timeout: positiveDuration,
    api_version: oneOf(['v2']),
    sigv4: anything,
  });
  if (!raw) return undefined;
  if (raw.sigv4 !== undefined)
    place.problem(`${place.name}: sigv4 is not supported`, 'use basic_auth or authorization');
  return {
    ...buildDiscovery(raw),
    scheme: raw.scheme ?? 'http',
    pathPrefix: raw.path_prefix ?? '',
    timeoutMs: raw.timeout ?? DEFAULT_TIMEOUT_MS,
    http: buildHttp(place, raw),
    relabelConfigs: raw.relabel_configs ?? [],
    alertRelabelConfigs: raw.alert_relabel_configs ?? [],
  };
}
