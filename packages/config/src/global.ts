/** The `global` section. Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#configuration-file */
import { Labels } from '@watchroom/model';
import { labelSet } from './discovery.ts';
import type { Place } from './place.ts';
import {
  bool,
  byteSize,
  duration,
  integer,
  list,
  type ObjectOf,
  oneOf,
  type Reader,
  readObject,
} from './read.ts';
import {
  ESCAPING_SCHEMES,
  type EscapingScheme,
  type GlobalConfig,
  SCRAPE_PROTOCOLS,
  type ScrapeLimits,
  type ScrapeProtocol,
} from './types.ts';

/** Keys that `global` and a scrape config share; the latter's values win. */
export const SHARED_FIELDS = {
  scrape_interval: duration,
  scrape_timeout: duration,
  scrape_protocols: readProtocols,
  scrape_failure_log_file: notUsed('failed scrapes are shown on the targets page and in the log'),
  body_size_limit: byteSize,
  sample_limit: integer(0),
  target_limit: integer(0),
  label_limit: integer(0),
  label_name_length_limit: integer(0),
  label_value_length_limit: integer(0),
  keep_dropped_targets: integer(0),
  metric_name_validation_scheme: oneOf(['utf8', 'legacy']),
  metric_name_escaping_scheme: oneOf(ESCAPING_SCHEMES),
  always_scrape_classic_histograms: bool,
  convert_classic_histograms_to_nhcb: bool,
  scrape_native_histograms: bool,
  extra_scrape_metrics: bool,
} as const;

export type SharedRaw = ObjectOf<typeof SHARED_FIELDS>;

const MINUTE_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 10_000;
/** What is asked for where nothing is configured and native histograms are off; with them, protobuf comes first. */
export const DEFAULT_PROTOCOLS: readonly ScrapeProtocol[] = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];

/** Accepts a key that has no effect here, and says so. */
export function notUsed(why: string): Reader<undefined> {
  return (place) => place.warning(`${place.name} is not used here`, why);
}

function readProtocols(place: Place): readonly ScrapeProtocol[] | undefined {
  const protocols = list(oneOf(SCRAPE_PROTOCOLS))(place);
  if (!protocols) return undefined;
  if (protocols.length === 0 && place.items().length === 0)
    return place.problem(
      `${place.name}: at least one scrape protocol is needed`,
      'remove it for the default',
    );
  if (new Set(protocols).size < protocols.length)
    place.problem(`${place.name}: duplicated protocol`, 'name each protocol once');
  return protocols;
}

/** The limits of `raw`, falling back to `base` where they are 0 or absent. */
export function buildLimits(
  raw: Partial<SharedRaw> | undefined,
  base: ScrapeLimits | undefined,
): ScrapeLimits {
  return {
    bodySizeLimitBytes: raw?.body_size_limit || (base?.bodySizeLimitBytes ?? 0),
    sampleLimit: raw?.sample_limit || (base?.sampleLimit ?? 0),
    targetLimit: raw?.target_limit || (base?.targetLimit ?? 0),
    labelLimit: raw?.label_limit || (base?.labelLimit ?? 0),
    labelNameLengthLimit: raw?.label_name_length_limit || (base?.labelNameLengthLimit ?? 0),
    labelValueLengthLimit: raw?.label_value_length_limit || (base?.labelValueLengthLimit ?? 0),
    keepDroppedTargets: raw?.keep_dropped_targets || (base?.keepDroppedTargets ?? 0),
  };
}

/** The escaping that goes with a validation scheme; reports a pair that cannot be. */
export function buildEscaping(
  place: Place,
  escaping: EscapingScheme | undefined,
  validation: 'utf8' | 'legacy',
): EscapingScheme {
  if (validation === 'legacy' && escaping === 'allow-utf-8') {
    const message = 'utf8 metric names requested but validation scheme is not set to UTF8';
    place.problem(`${place.name}: ${message}`, 'write "metric_name_escaping_scheme: underscores"');
  }
  return escaping ?? (validation === 'utf8' ? 'allow-utf-8' : 'underscores');
}

/**
 * Reads `global`, or gives its defaults for an absent section. `env` fills `${NAME}` in external labels; `nativeHistograms` is
 * what holds where no `scrape_native_histograms` says otherwise.
 */
export function readGlobal(
  place: Place,
  env: Readonly<Record<string, string | undefined>>,
  nativeHistograms: boolean,
): GlobalConfig {
  const raw = readObject(place, {
    ...SHARED_FIELDS,
    evaluation_interval: duration,
    rule_query_offset: duration,
    query_log_file: notUsed('slow queries are in the log'),
    external_labels: labelSet,
  });
  const scrapeIntervalMs = raw?.scrape_interval || MINUTE_MS;
  const validation = raw?.metric_name_validation_scheme ?? 'utf8';
  if (raw?.scrape_timeout && raw.scrape_timeout > scrapeIntervalMs) {
    const remedy = 'make scrape_timeout at most scrape_interval';
    place.problem('global scrape timeout greater than scrape interval', remedy);
  }
  const labels = raw?.external_labels ?? Labels.EMPTY;
  return {
    ...buildLimits(raw, undefined),
    scrapeIntervalMs,
    scrapeTimeoutMs: raw?.scrape_timeout || Math.min(DEFAULT_TIMEOUT_MS, scrapeIntervalMs),
    scrapeProtocols: raw?.scrape_protocols,
    evaluationIntervalMs: raw?.evaluation_interval || MINUTE_MS,
    ruleQueryOffsetMs: raw?.rule_query_offset ?? 0,
    externalLabels: Labels.fromPairs([...labels.pairs()].map(([name, value]) => [name, expand(value, env)])),
    nameValidation: validation,
    nameEscaping: buildEscaping(place, raw?.metric_name_escaping_scheme, validation),
    alwaysScrapeClassicHistograms: raw?.always_scrape_classic_histograms ?? false,
    convertClassicHistogramsToNhcb: raw?.convert_classic_histograms_to_nhcb ?? false,
    scrapeNativeHistograms: raw?.scrape_native_histograms ?? nativeHistograms,
    extraScrapeMetrics: raw?.extra_scrape_metrics ?? false,
  };
}

/** Go's os.Expand: `${NAME}` and `$NAME` from the environment, `$$` a dollar sign. */
function expand(value: string, env: Readonly<Record<string, string | undefined>>): string {
  return value.replace(/\$(?:\$|\{([^}]*)\}|([A-Za-z_]\w*))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    return name === undefined || name === '$' ? '$' : (env[name] ?? '');
  });
}
