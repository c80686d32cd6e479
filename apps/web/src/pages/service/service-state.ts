/**
 * The state of a service's page in its URL: `?range=live:15m&resource=pool&hide=latency.P50,traffic.200`.
 * Defaults are left out, so that the plain address is the plain page.
 */
import { DEFAULT_RANGE, formatRange, parseRange, type TimeRangeChoice } from '../../components/index.ts';

export interface ServiceState {
  readonly range: TimeRangeChoice;
  /** Undefined: the worst of all. */
  readonly resource: string | undefined;
  /** Hidden series as `<panel>.<name>`. */
  readonly hidden: ReadonlySet<string>;
}

export function readServiceState(parameters: URLSearchParams): ServiceState {
  return {
    range: parseRange(parameters.get('range')) ?? DEFAULT_RANGE,
    resource: parameters.get('resource') || undefined,
    hidden: new Set((parameters.get('hide') ?? '').split(',').flatMap((text) => decoded(text))),
  };
}

/** Other parameters, such as `theme`, stay. */
export function writeServiceState(parameters: URLSearchParams, state: ServiceState): URLSearchParams {
  const next = new URLSearchParams(parameters);
  const put = (name: string, value: string | undefined) => {
    if (value) next.set(name, value);
    else next.delete(name);
  };
  const range = formatRange(state.range);
  put('range', range === formatRange(DEFAULT_RANGE) ? undefined : range);
  put('resource', state.resource);
  put('hide', [...state.hidden].map(encodeURIComponent).join(','));
  return next;
}

export function toggled(hidden: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(hidden);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** The hidden names of one panel. */
export function hiddenOf(hidden: ReadonlySet<string>, panel: string): ReadonlySet<string> {
  const prefix = `${panel}.`;
  return new Set([...hidden].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)));
}

/** Names may hold a comma: each is encoded. A text that is no encoding is passed over. */
function decoded(text: string): string[] {
  if (text === '') return [];
  try {
    return [decodeURIComponent(text)];
  } catch {
    return [];
  }
}
