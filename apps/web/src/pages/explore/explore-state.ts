/** The state of Explore in its URL: `?query=…&range=last:6h&tab=table`. */
import { DEFAULT_RANGE, formatRange, parseRange, type TimeRangeChoice } from '../../components/index.ts';

export type ExploreTab = 'graph' | 'table';

export interface ExploreState {
  readonly query: string;
  readonly range: TimeRangeChoice;
  readonly tab: ExploreTab;
}

export function readExploreState(parameters: URLSearchParams): ExploreState {
  return {
    query: parameters.get('query') ?? '',
    range: parseRange(parameters.get('range')) ?? DEFAULT_RANGE,
    tab: parameters.get('tab') === 'table' ? 'table' : 'graph',
  };
}

/** Defaults are left out; other parameters stay. */
export function writeExploreState(parameters: URLSearchParams, state: ExploreState): URLSearchParams {
  const next = new URLSearchParams(parameters);
  const put = (name: string, value: string, normal: string) => {
    if (value === normal) next.delete(name);
    else next.set(name, value);
  };
  put('query', state.query, '');
  put('range', formatRange(state.range), formatRange(DEFAULT_RANGE));
  put('tab', state.tab, 'graph');
  return next;
}

/** The range that the `live` toggle leads to: the same length, sliding or standing. */
export function withLive(range: TimeRangeChoice, live: boolean): TimeRangeChoice {
  const windowMs = range.kind === 'absolute' ? range.toMs - range.fromMs : range.windowMs;
  return { kind: live ? 'live' : 'last', windowMs };
}

export const MOST_REMEMBERED = 50;

/** Queries that were run, the newest first, each once. */
export function remembered(history: readonly string[], query: string): readonly string[] {
  const text = query.trim();
  if (text === '') return history;
  return [text, ...history.filter((other) => other !== text)].slice(0, MOST_REMEMBERED);
}

/** The stored list; an unreadable one is empty. */
export function parseHistory(text: string | null): readonly string[] {
  if (text === null) return [];
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter((each): each is string => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
