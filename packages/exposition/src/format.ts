/**
 * Which format an answer is in, and which formats to ask for.
 * Source: Prometheus 3, configuration `scrape_protocols` and `fallback_scrape_protocol`
 * (https://prometheus.io/docs/instrumenting/content_negotiation/): a missing or unknown Content-Type fails the scrape
 * unless a fallback is configured; the version parameter does not choose the parser.
 */

export type ExpositionFormat = 'text' | 'openmetrics' | 'protobuf';

/** Names of formats as prometheus.yml writes them. */
export type ScrapeProtocol =
  | 'PrometheusProto'
  | 'OpenMetricsText1.0.0'
  | 'OpenMetricsText0.0.1'
  | 'PrometheusText1.0.0'
  | 'PrometheusText0.0.4';

interface Protocol {
  readonly format: ExpositionFormat;
  readonly mediaType: string;
  /** Says that the client takes names in any UTF-8 text. */
  readonly escapes: boolean;
}

const PROTOCOLS: Readonly<Record<ScrapeProtocol, Protocol>> = {
  PrometheusProto: {
    format: 'protobuf',
    mediaType: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
    escapes: false,
  },
  'OpenMetricsText1.0.0': {
    format: 'openmetrics',
    mediaType: 'application/openmetrics-text;version=1.0.0',
    escapes: true,
  },
  'OpenMetricsText0.0.1': {
    format: 'openmetrics',
    mediaType: 'application/openmetrics-text;version=0.0.1',
    escapes: false,
  },
  'PrometheusText1.0.0': { format: 'text', mediaType: 'text/plain;version=1.0.0', escapes: true },
  'PrometheusText0.0.4': { format: 'text', mediaType: 'text/plain;version=0.0.4', escapes: false },
};

/** The order in which Prometheus 3 asks when nothing is configured. */
export const DEFAULT_PROTOCOLS: readonly ScrapeProtocol[] = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];

/** How names that are not plain are to come; `allow-utf-8` is as they are. */
export type NameEscaping = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

/** The Accept header that asks for `protocols`, the first one most, with the weights of Prometheus. */
export function acceptHeader(
  protocols: readonly ScrapeProtocol[],
  escaping: NameEscaping = 'allow-utf-8',
): string {
  let weight = Object.keys(PROTOCOLS).length + 1;
  const parts: string[] = [];
  for (const name of protocols) {
    const { mediaType, escapes } = PROTOCOLS[name];
    parts.push(`${mediaType}${escapes ? `;escaping=${escaping}` : ''};q=0.${weight}`);
    weight--;
  }
  parts.push(`*/*;q=0.${weight}`);
  return parts.join(',');
}

/** The Accept header of a scrape with the default protocols. */
export const ACCEPT: string = acceptHeader(DEFAULT_PROTOCOLS);

export function formatOfProtocol(protocol: ScrapeProtocol): ExpositionFormat {
  return PROTOCOLS[protocol].format;
}

/** `format` is undefined when the scrape fails for `problem`; with both, the fallback is used because of `problem`. */
export interface Negotiated {
  readonly format: ExpositionFormat | undefined;
  readonly problem: string | undefined;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+(?:\/[!#$%&'*+\-.^_`|~0-9a-z]+)?$/;

/** Which parser an answer's Content-Type asks for. */
export function negotiate(contentType: string | undefined, fallback: ScrapeProtocol | undefined): Negotiated {
  const given = contentType ?? '';
  const mediaType = (given.split(';', 1)[0] ?? '').trim().toLowerCase();
  switch (mediaType) {
    case 'application/openmetrics-text':
      return { format: 'openmetrics', problem: undefined };
    case 'text/plain':
      return { format: 'text', problem: undefined };
    case 'application/vnd.google.protobuf':
      return { format: 'protobuf', problem: undefined };
  }
  const quoted = JSON.stringify(given);
  let problem = `received unsupported Content-Type ${quoted}`;
  if (given === '') problem = 'non-compliant scrape target sending blank Content-Type';
  else if (!TOKEN.test(mediaType)) problem = `cannot parse Content-Type ${quoted}`;
  if (fallback === undefined)
    return {
      format: undefined,
      problem: `${problem} and no fallback_scrape_protocol specified for target`,
    };
  return {
    format: formatOfProtocol(fallback),
    problem: `${problem}, using fallback_scrape_protocol ${JSON.stringify(fallback)}`,
  };
}
