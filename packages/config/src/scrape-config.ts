/** One entry of `scrape_configs`. Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config */
import { buildDiscovery, DISCOVERY_FIELDS, declineHttp } from './discovery.ts';
import { buildEscaping, buildLimits, DEFAULT_PROTOCOLS, SHARED_FIELDS, type SharedRaw } from './global.ts';
import { buildHttp, HTTP_FIELDS } from './http-client.ts';
import type { Place } from './place.ts';
import { bool, decimal, dictionary, integer, list, oneOf, readObject, text } from './read.ts';
import { relabelRules, withValidation } from './relabel-rules.ts';
import { type GlobalConfig, SCRAPE_PROTOCOLS, type ScrapeConfig, type ScrapeProtocol } from './types.ts';

const FIELDS = {
  ...SHARED_FIELDS,
  ...HTTP_FIELDS,
  ...DISCOVERY_FIELDS,
  job_name: text,
  honor_labels: bool,
  honor_timestamps: bool,
  track_timestamps_staleness: bool,
  params: dictionary(list(text)),
  fallback_scrape_protocol: oneOf(SCRAPE_PROTOCOLS),
  metrics_path: text,
  scheme: oneOf(['http', 'https']),
  enable_compression: bool,
  native_histogram_bucket_limit: integer(0),
  native_histogram_min_bucket_factor: decimal(0, Number.MAX_VALUE),
  relabel_configs: relabelRules('target relabeling'),
  metric_relabel_configs: relabelRules('metric relabeling'),
} as const;

/** The smallest interval that the scheduler keeps. */
const MIN_INTERVAL_MS = 100;

/** Reads one scrape config; undefined when it has no usable name. */
export function readScrape(place: Place, global: GlobalConfig): ScrapeConfig | undefined {
  const raw = readObject(place, FIELDS);
  if (!raw) return undefined;
  if (!raw.job_name) place.problem(`${place.name}: job_name is empty`, 'add "job_name: <name>"');
  const jobName = raw.job_name ?? '';
  const times = readTimes(place, raw, jobName, global);
  const validation = raw.metric_name_validation_scheme ?? global.nameValidation;
  const inherited = raw.metric_name_validation_scheme ? undefined : global.nameEscaping;
  const native = raw.scrape_native_histograms ?? global.scrapeNativeHistograms;
  const http = buildHttp(place, raw);
  declineHttp(place, http);
  return {
    ...buildLimits(raw, global),
    ...buildDiscovery(raw),
    ...times,
    jobName,
    honorLabels: raw.honor_labels ?? false,
    honorTimestamps: raw.honor_timestamps ?? true,
    trackTimestampsStaleness: raw.track_timestamps_staleness ?? false,
    params: raw.params ?? {},
    scrapeProtocols: raw.scrape_protocols ?? global.scrapeProtocols ?? defaultProtocols(native),
    fallbackScrapeProtocol: raw.fallback_scrape_protocol,
    alwaysScrapeClassicHistograms:
      raw.always_scrape_classic_histograms ?? global.alwaysScrapeClassicHistograms,
    convertClassicHistogramsToNhcb:
      raw.convert_classic_histograms_to_nhcb ?? global.convertClassicHistogramsToNhcb,
    scrapeNativeHistograms: native,
    extraScrapeMetrics: raw.extra_scrape_metrics ?? global.extraScrapeMetrics,
    nativeHistogramBucketLimit: raw.native_histogram_bucket_limit ?? 0,
    nativeHistogramMinBucketFactor: raw.native_histogram_min_bucket_factor ?? 0,
    nameValidation: validation,
    nameEscaping: buildEscaping(place, raw.metric_name_escaping_scheme ?? inherited, validation),
    metricsPath: raw.metrics_path || '/metrics',
    scheme: raw.scheme ?? 'http',
    enableCompression: raw.enable_compression ?? true,
    http,
    relabelConfigs: withValidation(place, raw.relabel_configs ?? [], validation),
    metricRelabelConfigs: withValidation(place, raw.metric_relabel_configs ?? [], validation),
  };
}

/** Only protobuf carries native histograms. */
function defaultProtocols(nativeHistograms: boolean): readonly ScrapeProtocol[] {
  return nativeHistograms ? ['PrometheusProto', ...DEFAULT_PROTOCOLS] : DEFAULT_PROTOCOLS;
}

function readTimes(place: Place, raw: SharedRaw, jobName: string, global: GlobalConfig) {
  const scrapeIntervalMs = raw.scrape_interval || global.scrapeIntervalMs;
  if (scrapeIntervalMs < MIN_INTERVAL_MS)
    place.problem(
      `${place.name}: scrape interval is below ${MIN_INTERVAL_MS}ms`,
      'write "scrape_interval: 1s" or longer',
    );
  if (raw.scrape_timeout && raw.scrape_timeout > scrapeIntervalMs) {
    const message = `scrape timeout greater than scrape interval for scrape config with job name ${JSON.stringify(jobName)}`;
    place.problem(`${place.name}: ${message}`, 'make scrape_timeout at most scrape_interval');
  }
  const scrapeTimeoutMs = raw.scrape_timeout || Math.min(global.scrapeTimeoutMs, scrapeIntervalMs);
  return { scrapeIntervalMs, scrapeTimeoutMs };
}
