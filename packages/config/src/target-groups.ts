/**
 * Target groups as file_sd files and http_sd answers give them: a list of {targets: [address], labels: {name: value}}.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config
 */
import { Labels } from '@watchroom/model';
import { isLabelName } from '@watchroom/relabel';
import { parse } from 'yaml';
import type { TargetGroup } from './types.ts';

export type GroupsResult =
  | { readonly groups: readonly TargetGroup[]; readonly fault?: undefined }
  | { readonly groups?: undefined; readonly fault: string };

/** Reads groups; group i's source is `<source>:<i>`. One fault refuses the whole text, as in Prometheus. */
export function parseTargetGroups(text: string, format: 'json' | 'yaml', source: string): GroupsResult {
  let value: unknown;
  try {
    value = format === 'json' ? JSON.parse(text) : parse(text, { prettyErrors: false, logLevel: 'silent' });
  } catch (error) {
    return {
      fault: `not ${format === 'json' ? 'JSON' : 'YAML'}: ${error instanceof Error ? error.message : error}`,
    };
  }
  if (value === null || value === undefined) return { groups: [] };
  if (!Array.isArray(value)) return { fault: 'the top level must be a list of target groups' };
  const groups: TargetGroup[] = [];
  for (const [i, entry] of value.entries()) {
    const group = readGroup(entry, `${source}:${i}`);
    if (typeof group === 'string') return { fault: `target group ${i}: ${group}` };
    groups.push(group);
  }
  return { groups };
}

function readGroup(entry: unknown, source: string): TargetGroup | string {
  if (!isRecord(entry)) return 'nil target group item; write {targets: [...], labels: {...}}';
  for (const key of Object.keys(entry)) {
    if (key !== 'targets' && key !== 'labels')
      return `unknown key ${JSON.stringify(key)}; known are targets, labels`;
  }
  const { targets = [], labels = {} } = entry;
  if (!Array.isArray(targets) || !targets.every((target) => typeof target === 'string'))
    return '"targets" must be a list of texts';
  if (labels !== null && !isRecord(labels)) return '"labels" must be a map';
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(labels ?? {})) {
    if (!isLabelName(name)) return `${JSON.stringify(name)} is not a valid label name`;
    if (value !== null && typeof value === 'object')
      return `the value of label ${JSON.stringify(name)} must be a text`;
    pairs.push([name, String(value ?? '')]);
  }
  return { targets, labels: Labels.fromPairs(pairs), source };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
