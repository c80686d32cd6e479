/**
 * From a discovered address to a target: labels before and after relabelling, URL, times, identity.
 * Source: Prometheus scrape/target.go (PopulateLabels, URL, offset), 3.5: no port is added to an address.
 */
import { createHash } from 'node:crypto';
import { addressFault, type ScrapeConfig, type TargetGroup } from '@watchroom/config';
import { formatDuration, Labels, parseDuration } from '@watchroom/model';
import { relabel } from '@watchroom/relabel';

export const ADDRESS = '__address__';
const SCHEME = '__scheme__';
const METRICS_PATH = '__metrics_path__';
const INTERVAL = '__scrape_interval__';
const TIMEOUT = '__scrape_timeout__';
const PARAM_PREFIX = '__param_';
const META_PREFIX = '__meta_';

/** A target that is to be scraped. */
export interface Target {
  /** Equal for targets that are the same: same labels, same URL. */
  readonly key: string;
  readonly discovered: Labels;
  /** What every sample carries: no name starts with `__`. */
  readonly labels: Labels;
  readonly url: URL;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

export type TargetResult =
  | { readonly kind: 'target'; readonly target: Target }
  | { readonly kind: 'dropped'; readonly discovered: Labels }
  | { readonly kind: 'faulty'; readonly discovered: Labels; readonly fault: string };

/** The targets of one group, in order. */
export function resolveGroup(group: TargetGroup, config: ScrapeConfig): readonly TargetResult[] {
  return group.targets.map((address) => resolveTarget(discover(address, group.labels, config), config));
}

/** The labels before relabelling. What the group sets wins over the job's settings. */
function discover(address: string, groupLabels: Labels, config: ScrapeConfig): Labels {
  const set = new Map<string, string>([...groupLabels.pairs(), [ADDRESS, address]]);
  const fallback = (name: string, value: string): void => {
    if (!set.get(name)) set.set(name, value);
  };
  fallback('job', config.jobName);
  fallback(INTERVAL, formatDuration(config.scrapeIntervalMs));
  fallback(TIMEOUT, formatDuration(config.scrapeTimeoutMs));
  fallback(METRICS_PATH, config.metricsPath);
  fallback(SCHEME, config.scheme);
  for (const [name, values] of Object.entries(config.params)) {
    if (values[0] !== undefined) fallback(PARAM_PREFIX + name, values[0]);
  }
  return Labels.fromPairs(set);
}

function resolveTarget(discovered: Labels, config: ScrapeConfig): TargetResult {
  const after = relabel(discovered, config.relabelConfigs);
  if (!after || after.size === 0) return { kind: 'dropped', discovered };
  const faulty = (fault: string): TargetResult => ({ kind: 'faulty', discovered, fault });
  const address = after.get(ADDRESS);
  if (address === '') return faulty('no address');
  const wrong = addressFault(address);
  if (wrong) return faulty(wrong);
  const times = readTimes(after);
  if (typeof times === 'string') return faulty(times);
  const full = withoutPrefix(after, META_PREFIX);
  const named = full.has('instance') ? full : full.with('instance', address);
  const url = urlOf(named, config.params);
  if (typeof url === 'string') return faulty(url);
  const labels = withoutPrefix(named, '__');
  const key = createHash('sha256').update(named.key).update(url.href).digest('hex').slice(0, 24);
  return { kind: 'target', target: { key, discovered, labels, url, ...times } };
}

function readTimes(labels: Labels): { intervalMs: number; timeoutMs: number } | string {
  const intervalMs = parseDuration(labels.get(INTERVAL));
  const timeoutMs = parseDuration(labels.get(TIMEOUT));
  if (intervalMs === undefined) return `error parsing scrape interval: ${quote(labels.get(INTERVAL))}`;
  if (timeoutMs === undefined) return `error parsing scrape timeout: ${quote(labels.get(TIMEOUT))}`;
  if (intervalMs === 0) return 'scrape interval cannot be 0';
  if (timeoutMs === 0) return 'scrape timeout cannot be 0';
  if (timeoutMs > intervalMs) {
    const both = `${quote(labels.get(TIMEOUT))} > ${quote(labels.get(INTERVAL))}`;
    return `scrape timeout cannot be greater than scrape interval (${both})`;
  }
  return { intervalMs, timeoutMs };
}

function urlOf(labels: Labels, params: ScrapeConfig['params']): URL | string {
  const scheme = labels.get(SCHEME);
  if (scheme !== 'http' && scheme !== 'https') return `unsupported protocol scheme ${quote(scheme)}`;
  const base = `${scheme}://${labels.get(ADDRESS)}`;
  if (labels.get(ADDRESS).includes('@') || !URL.canParse(base))
    return `invalid address ${quote(labels.get(ADDRESS))}`;
  const url = new URL(base);
  url.pathname = labels.get(METRICS_PATH);
  const query = new Map(Object.entries(params).map(([name, values]) => [name, [...values]]));
  for (const [name, value] of labels.pairs()) {
    if (!name.startsWith(PARAM_PREFIX)) continue;
    const param = name.slice(PARAM_PREFIX.length);
    query.set(param, [value, ...(query.get(param) ?? []).slice(1)]);
  }
  for (const name of [...query.keys()].sort()) {
    for (const value of query.get(name)!) url.searchParams.append(name, value);
  }
  return url;
}

function withoutPrefix(labels: Labels, prefix: string): Labels {
  return labels.without(new Set(labels.names.filter((name) => name.startsWith(prefix))));
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** Targets are asked in so many turns of an interval, or more. */
const TURNS = 8;
/** From one turn to the next at most. */
const MOST_TURN_MS = 500;

/**
 * When in its interval a target is asked, in ms: its turn, the same after every restart. Targets of a turn are asked together: one that
 * is asked alone finds a processor that has done something else meanwhile, and costs twice as much.
 *
 * @param intervalMs whole ms, above 0.
 */
export function turnOf(key: string, seed: string, intervalMs: number): number {
  const turns = Math.max(TURNS, Math.ceil(intervalMs / MOST_TURN_MS));
  const hash = createHash('sha256').update(seed).update(key).digest().readUIntBE(0, 6);
  return Math.ceil((Math.floor(((hash % intervalMs) * turns) / intervalMs) * intervalMs) / turns);
}
