export { defaultConfig } from './defaults.ts';
export { addressFault } from './discovery.ts';
export { globRuleFiles, readConfigFile } from './file.ts';
export { PLAIN_HTTP, PLAIN_TLS } from './http-client.ts';
export { type IncludedFile, type LoadInput, type LoadResult, loadConfig } from './load.ts';
export { printConfig } from './print.ts';
export { type ConfigProblem, formatProblem } from './problem.ts';
export { REDACTED, Secret } from './secret.ts';
export { type GroupsResult, parseTargetGroups } from './target-groups.ts';
export {
  type AlertingConfig,
  type AlertmanagerConfig,
  type Authorization,
  type BasicAuth,
  type Discovery,
  ESCAPING_SCHEMES,
  type EscapingScheme,
  type FileSdConfig,
  type GlobalConfig,
  HEALTH_COMPONENTS,
  type HealthComponent,
  type HealthObjective,
  type HealthSettings,
  type HttpClientConfig,
  type HttpHeader,
  type HttpSdConfig,
  type OAuth2,
  type ProxyConfig,
  type RemoteEndpoint,
  type RemoteReadConfig,
  type RemoteWriteConfig,
  SCRAPE_PROTOCOLS,
  type ScrapeConfig,
  type ScrapeLimits,
  type ScrapeProtocol,
  type StorageConfig,
  type TargetGroup,
  TLS_VERSIONS,
  type TlsConfig,
  type TlsVersion,
  type WatchroomConfig,
  type WatchroomSettings,
} from './types.ts';
export { WATCHROOM_DEFAULTS } from './watchroom.ts';
