/** The checked configuration. Times are ms, sizes bytes; a limit of 0 is no limit. */
import type { Labels } from '@watchroom/model';
import type { NameValidation, RelabelRule } from '@watchroom/relabel';
import type { Secret } from './secret.ts';

export const SCRAPE_PROTOCOLS = [
  'PrometheusProto',
  'OpenMetricsText0.0.1',
  'OpenMetricsText1.0.0',
  'PrometheusText0.0.4',
  'PrometheusText1.0.0',
] as const;
export type ScrapeProtocol = (typeof SCRAPE_PROTOCOLS)[number];

export const ESCAPING_SCHEMES = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;
export type EscapingScheme = (typeof ESCAPING_SCHEMES)[number];

export interface ScrapeLimits {
  readonly bodySizeLimitBytes: number;
  readonly sampleLimit: number;
  readonly targetLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  readonly keepDroppedTargets: number;
}

export interface GlobalConfig extends ScrapeLimits {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /** Undefined where it is not set: a job's default goes by its native histograms. */
  readonly scrapeProtocols: readonly ScrapeProtocol[] | undefined;
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
  readonly externalLabels: Labels;
  readonly nameValidation: NameValidation;
  readonly nameEscaping: EscapingScheme;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly scrapeNativeHistograms: boolean;
  readonly extraScrapeMetrics: boolean;
}

export interface BasicAuth {
  readonly username: string;
  readonly usernameFile: string | undefined;
  readonly password: Secret | undefined;
  readonly passwordFile: string | undefined;
}

export interface Authorization {
  /** `Bearer` unless told otherwise. */
  readonly type: string;
  readonly credentials: Secret | undefined;
  readonly credentialsFile: string | undefined;
}

export const TLS_VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** Files are absolute paths, read again when they change. */
export interface TlsConfig {
  readonly ca: string | undefined;
  readonly caFile: string | undefined;
  readonly cert: string | undefined;
  readonly certFile: string | undefined;
  readonly key: Secret | undefined;
  readonly keyFile: string | undefined;
  readonly serverName: string;
  readonly insecureSkipVerify: boolean;
  readonly minVersion: TlsVersion | undefined;
  readonly maxVersion: TlsVersion | undefined;
}

export interface HttpHeader {
  readonly name: string;
  readonly values: readonly string[];
  readonly secrets: readonly Secret[];
  readonly files: readonly string[];
}

/** OAuth 2.0 client credentials: checked and kept, not used for scraping. */
export interface OAuth2 {
  readonly clientId: string;
  readonly clientSecret: Secret | undefined;
  readonly clientSecretFile: string | undefined;
  readonly tokenUrl: string;
  readonly scopes: readonly string[];
  readonly endpointParams: Readonly<Record<string, string>>;
}

export interface ProxyConfig {
  readonly url: URL | undefined;
  readonly noProxy: string;
  readonly fromEnvironment: boolean;
  readonly connectHeader: Readonly<Record<string, readonly Secret[]>>;
}

export interface HttpClientConfig {
  readonly basicAuth: BasicAuth | undefined;
  readonly authorization: Authorization | undefined;
  readonly oauth2: OAuth2 | undefined;
  readonly tls: TlsConfig;
  readonly proxy: ProxyConfig;
  readonly followRedirects: boolean;
  readonly enableHttp2: boolean;
  readonly headers: readonly HttpHeader[];
}

/** Targets with the labels they share. `source` names where they come from, stable over refreshes. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Labels;
  readonly source: string;
}

export interface FileSdConfig {
  /** Absolute patterns. */
  readonly files: readonly string[];
  readonly refreshIntervalMs: number;
}

export interface HttpSdConfig {
  readonly url: URL;
  readonly refreshIntervalMs: number;
  readonly http: HttpClientConfig;
}

export interface Discovery {
  readonly staticConfigs: readonly TargetGroup[];
  readonly fileSdConfigs: readonly FileSdConfig[];
  readonly httpSdConfigs: readonly HttpSdConfig[];
}

export interface ScrapeConfig extends ScrapeLimits, Discovery {
  readonly jobName: string;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  readonly fallbackScrapeProtocol: ScrapeProtocol | undefined;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly scrapeNativeHistograms: boolean;
  readonly extraScrapeMetrics: boolean;
  readonly nativeHistogramBucketLimit: number;
  readonly nativeHistogramMinBucketFactor: number;
  readonly nameValidation: NameValidation;
  readonly nameEscaping: EscapingScheme;
  readonly metricsPath: string;
  readonly scheme: 'http' | 'https';
  readonly enableCompression: boolean;
  readonly http: HttpClientConfig;
  readonly relabelConfigs: readonly RelabelRule[];
  readonly metricRelabelConfigs: readonly RelabelRule[];
}

export interface AlertmanagerConfig extends Discovery {
  readonly scheme: 'http' | 'https';
  readonly pathPrefix: string;
  readonly timeoutMs: number;
  readonly http: HttpClientConfig;
  readonly relabelConfigs: readonly RelabelRule[];
  readonly alertRelabelConfigs: readonly RelabelRule[];
}

export interface AlertingConfig {
  readonly alertRelabelConfigs: readonly RelabelRule[];
  readonly alertmanagers: readonly AlertmanagerConfig[];
}

export interface RemoteEndpoint {
  readonly url: string;
  readonly name: string;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly http: HttpClientConfig;
}

export interface RemoteWriteConfig extends RemoteEndpoint {
  readonly protobufMessage: 'prometheus.WriteRequest' | 'io.prometheus.write.v2.Request';
  readonly writeRelabelConfigs: readonly RelabelRule[];
  readonly sendExemplars: boolean;
  readonly sendNativeHistograms: boolean;
}

export interface RemoteReadConfig extends RemoteEndpoint {
  readonly readRecent: boolean;
  readonly requiredMatchers: Readonly<Record<string, string>>;
  readonly filterExternalLabels: boolean;
}

/** Prometheus' `storage` section; our store takes its retention from `watchroom.storage`. */
export interface StorageConfig {
  readonly outOfOrderTimeWindowMs: number;
  readonly maxExemplars: number;
}

export const HEALTH_COMPONENTS = ['availability', 'latency', 'tail', 'saturation', 'instances'] as const;
export type HealthComponent = (typeof HEALTH_COMPONENTS)[number];

export interface HealthObjective {
  readonly service: string;
  /** The share of requests that must succeed, 0 to 1. */
  readonly availability: number | undefined;
  /** Seconds within which a request satisfies. */
  readonly latencySeconds: number | undefined;
  /** Seconds that P99 may take. */
  readonly p99Seconds: number | undefined;
}

export interface HealthSettings {
  readonly enabled: boolean;
  readonly intervalMs: number;
  /** Only those that are set; the rules have their own defaults. */
  readonly weights: Readonly<Partial<Record<HealthComponent, number>>>;
  readonly objectives: readonly HealthObjective[];
  /** Absolute; replaces the built-in health rules. */
  readonly rulesFile: string | undefined;
}

export interface WatchroomSettings {
  readonly storage: {
    /** Of raw samples. */
    readonly retentionMs: number;
    readonly maxSizeBytes: number;
    /** Of five-minute and one-hour aggregates; 0: none are made. */
    readonly retention5mMs: number;
    readonly retention1hMs: number;
    /** New series beyond it are refused; Infinity: no limit. */
    readonly maxSeries: number;
  };
  readonly health: HealthSettings;
  readonly embed: { readonly allowedOrigins: readonly string[] };
  readonly demo: { readonly controlUrl: URL | undefined };
  /** Whether /api/v1/admin/tsdb/ deletes series and takes snapshots. */
  readonly adminApi: boolean;
  /** What holds where no `scrape_native_histograms` says otherwise. */
  readonly scrape: { readonly nativeHistograms: boolean };
  readonly promql: {
    readonly experimental: boolean;
    readonly timeoutMs: number;
    readonly maxSamples: number;
    readonly maxConcurrency: number;
    readonly lookbackDeltaMs: number;
  };
}

export interface WatchroomConfig {
  /** As it was named to the loader. */
  readonly file: string;
  readonly baseDir: string;
  readonly global: GlobalConfig;
  /** Absolute patterns. */
  readonly ruleFiles: readonly string[];
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly alerting: AlertingConfig;
  readonly remoteWrite: readonly RemoteWriteConfig[];
  readonly remoteRead: readonly RemoteReadConfig[];
  readonly storage: StorageConfig;
  readonly watchroom: WatchroomSettings;
  /** The YAML as loaded, secrets as `<secret>`; `printConfig` gives it. */
  readonly redactedYaml: string;
}
