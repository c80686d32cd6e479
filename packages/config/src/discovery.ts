/**
 * Where targets come from: static, files, HTTP. Every other discovery of Prometheus is refused by name.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
import { Labels } from '@watchroom/model';
import { isLabelName } from '@watchroom/relabel';
import { buildHttp, HTTP_FIELDS } from './http-client.ts';
import { absolute } from './path.ts';
import type { Place } from './place.ts';
import {
  dictionary,
  httpUrl,
  list,
  type ObjectOf,
  positiveDuration,
  type Reader,
  readObject,
  text,
} from './read.ts';
import type { Discovery, FileSdConfig, HttpSdConfig, TargetGroup } from './types.ts';

const DECLINED = [
  'aws',
  'azure',
  'consul',
  'digitalocean',
  'dns',
  'docker',
  'dockerswarm',
  'ec2',
  'elasticache',
  'eureka',
  'gce',
  'hetzner',
  'ionos',
  'kubernetes',
  'kuma',
  'lightsail',
  'linode',
  'marathon',
  'msk',
  'nerve',
  'nomad',
  'oci',
  'openstack',
  'outscale',
  'ovhcloud',
  'puppetdb',
  'rds',
  'scaleway',
  'serverset',
  'stackit',
  'triton',
  'uyuni',
  'vultr',
] as const;

function decline(place: Place): undefined {
  const name = place.path.slice(place.path.lastIndexOf('.') + 1);
  return place.problem(
    `service discovery ${name} is not supported`,
    'use file_sd_configs or http_sd_configs',
  );
}

const DECLINED_FIELDS: Readonly<Record<`${(typeof DECLINED)[number]}_sd_configs`, Reader<undefined>>> =
  Object.fromEntries(DECLINED.map((name) => [`${name}_sd_configs`, decline])) as Record<
    `${(typeof DECLINED)[number]}_sd_configs`,
    Reader<undefined>
  >;

/** The keys that name discoveries. */
export const DISCOVERY_FIELDS = {
  static_configs: list(readStatic, 'empty or null section in static_configs'),
  file_sd_configs: list(readFileSd, 'empty or null section in file_sd_configs'),
  http_sd_configs: list(readHttpSd, 'empty or null section in http_sd_configs'),
  ...DECLINED_FIELDS,
} as const;

export function buildDiscovery(raw: ObjectOf<typeof DISCOVERY_FIELDS>): Discovery {
  const groups = raw.static_configs ?? [];
  return {
    staticConfigs: groups.map((group, i) => ({ ...group, source: String(i) })),
    fileSdConfigs: raw.file_sd_configs ?? [],
    httpSdConfigs: raw.http_sd_configs ?? [],
  };
}

/** Labels under configured names and values. */
export const labelSet: Reader<Labels> = (place) => {
  const values = dictionary(text)(place);
  if (!values) return undefined;
  for (const [name, entry] of place.entries()) {
    if (isLabelName(name)) continue;
    place
      .atKey(place.keyNode(name))
      .problem(
        `${JSON.stringify(name)} is not a valid label name in ${entry.path === '' ? 'labels' : place.name}`,
        'use letters, digits and _',
      );
  }
  return Labels.fromObject(values);
};

function readStatic(place: Place): TargetGroup | undefined {
  const raw = readObject(place, { targets: list(readAddress, 'empty or null target'), labels: labelSet });
  if (!raw) return undefined;
  return { targets: raw.targets ?? [], labels: raw.labels ?? Labels.EMPTY, source: '' };
}

function readAddress(place: Place): string | undefined {
  const address = text(place);
  if (address === undefined) return undefined;
  const fault = addressFault(address);
  if (fault === undefined) return address;
  return place.problem(
    `${place.name}: ${fault}`,
    'write "host:port"; set "scheme" and "metrics_path" beside',
  );
}

/** Why a target's address cannot be one, or undefined. As Prometheus' CheckTargetAddress. */
export function addressFault(address: string): string | undefined {
  return address.includes('/') ? `${JSON.stringify(address)} is not a valid hostname` : undefined;
}

const FILE_SD_PATTERN = /^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$/;
const FIVE_MINUTES_MS = 300_000;
const MINUTE_MS = 60_000;

function readFileSd(place: Place): FileSdConfig | undefined {
  const raw = readObject(place, { files: list(text), refresh_interval: positiveDuration });
  if (!raw) return undefined;
  const files = raw.files ?? [];
  if (files.length === 0)
    place.problem(
      `${place.name}: file service discovery config must contain at least one path name`,
      'add "files"',
    );
  for (const file of files) {
    if (FILE_SD_PATTERN.test(file)) continue;
    const remedy = 'end it in .json, .yml or .yaml, with at most one *, in the last part';
    place.problem(`${place.name}: path name ${JSON.stringify(file)} is not valid for file discovery`, remedy);
  }
  return {
    files: files.map((file) => absolute(place, file) ?? file),
    refreshIntervalMs: raw.refresh_interval ?? FIVE_MINUTES_MS,
  };
}

function readHttpSd(place: Place): HttpSdConfig | undefined {
  const raw = readObject(place, { url: httpUrl, refresh_interval: positiveDuration, ...HTTP_FIELDS });
  if (!raw) return undefined;
  const http = buildHttp(place, raw);
  declineHttp(place, http);
  if (raw.url) return { url: raw.url, refreshIntervalMs: raw.refresh_interval ?? MINUTE_MS, http };
  if (!place.entries().some(([key]) => key === 'url'))
    place.problem(`${place.name}: URL is missing`, 'add "url: http://host/path"');
  return undefined;
}

/** Refuses what our HTTP client cannot do, where it would have to do it. */
export function declineHttp(place: Place, http: HttpSdConfig['http']): void {
  if (http.oauth2)
    place.problem(
      `${place.name}: oauth2 is not supported for scraping`,
      'use authorization with credentials_file',
    );
  if (Object.keys(http.proxy.connectHeader).length > 0)
    place.problem(`${place.name}: proxy_connect_header is not supported for scraping`, 'remove it');
  const protocol = http.proxy.url?.protocol;
  if (protocol !== undefined && protocol !== 'http:' && protocol !== 'https:')
    place.problem(`${place.name}: proxy_url must be an http or https proxy`, 'write "http://host:port"');
}
