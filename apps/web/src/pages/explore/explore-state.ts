/**
 * The state of Explore in its URL, so that a link shows the same screen:
 * `?query=…&query=…` A, B, … as they were run; `off=B` queries that are switched off; `legend=A:{{job}}` legend templates;
 * `colour=A:3` the place in the palette of a query's first series, from 0;
 * `hide=A:name` and `only=A:name` series taken out or singled out; `range`, `tab`, `type`, `step`, `stack=1`,
 * `exemplars=0`, `all=1` (draw every series). Defaults are left out; unknown parameters, such as `theme`, stay.
 */
import { formatDuration, parseDuration } from '@watchroom/model';
import { DEFAULT_RANGE, formatRange, parseRange, type TimeRangeChoice } from '../../components/index.ts';
import { EVERYTHING, type Selection } from './selection.ts';

const TABS = ['graph', 'table', 'explain'] as const;
const TYPES = ['range', 'instant', 'both'] as const;
const DETAILS = ['auto', 'fine', 'coarse'] as const;

export type ExploreTab = (typeof TABS)[number];
export type QueryType = (typeof TYPES)[number];
/** How dense the points are, or their distance in ms. */
export type Step = (typeof DETAILS)[number] | number;

export interface ExploreQuery {
  readonly text: string;
  /** Kept, but not asked. */
  readonly off: boolean;
  /** `{{label}}` stands for its value; '' for the names that tell the series apart. */
  readonly legend: string;
  /** Place in the palette of the first series, from 0 to PALETTE - 1. */
  readonly colour: number;
  readonly selection: Selection;
}

export interface ExploreState {
  /** At most MOST_QUERIES, none empty. */
  readonly queries: readonly ExploreQuery[];
  readonly range: TimeRangeChoice;
  readonly tab: ExploreTab;
  /** Undefined: a range for the graph, an instant for the table. */
  readonly type: QueryType | undefined;
  readonly step: Step;
  readonly stacked: boolean;
  readonly exemplars: boolean;
  /** Draw every series, however many. */
  readonly all: boolean;
}

export const MOST_QUERIES = 10;
/** How many colours series are drawn in. */
export const PALETTE = 8;
/** The shortest step that can be asked for, ms. */
const LEAST_STEP_MS = 1000;
const PARAMETERS = 'query off legend colour hide only range tab type step stack exemplars all'.split(' ');

export const letterOf = (index: number): string => String.fromCharCode(65 + index);

export function newQuery(text: string): ExploreQuery {
  return { text, off: false, legend: '', colour: 0, selection: EVERYTHING };
}

export function readExploreState(parameters: URLSearchParams): ExploreState {
  const texts = parameters.getAll('query').filter((text) => text.trim() !== '');
  const off = new Set((parameters.get('off') ?? '').split(','));
  const of = (name: string, index: number): string[] =>
    parameters.getAll(name).flatMap((entry) => {
      const prefix = `${letterOf(index)}:`;
      return entry.startsWith(prefix) ? [entry.slice(prefix.length)] : [];
    });
  return {
    queries: texts.slice(0, MOST_QUERIES).map((text, i) => ({
      text,
      off: off.has(letterOf(i)),
      legend: of('legend', i)[0] ?? '',
      colour: placeOf(of('colour', i)[0]),
      selection: selectionOf(of('only', i), of('hide', i)),
    })),
    range: parseRange(parameters.get('range')) ?? DEFAULT_RANGE,
    tab: oneOf(TABS, parameters.get('tab')) ?? 'graph',
    type: oneOf(TYPES, parameters.get('type')),
    step: oneOf(DETAILS, parameters.get('step')) ?? parseStep(parameters.get('step')) ?? 'auto',
    stacked: parameters.get('stack') === '1',
    exemplars: parameters.get('exemplars') !== '0',
    all: parameters.get('all') === '1',
  };
}

function placeOf(text: string | undefined): number {
  return /^[0-7]$/.test(text ?? '') ? Number(text) : 0;
}

function selectionOf(only: readonly string[], hide: readonly string[]): Selection {
  if (only.length > 0) return { kind: 'only', names: new Set(only) };
  return hide.length > 0 ? { kind: 'hide', names: new Set(hide) } : EVERYTHING;
}

export function writeExploreState(parameters: URLSearchParams, state: ExploreState): URLSearchParams {
  const next = new URLSearchParams(parameters);
  for (const name of PARAMETERS) next.delete(name);
  const put = (name: string, value: string, normal: string) => {
    if (value !== normal) next.set(name, value);
  };
  const off: string[] = [];
  state.queries.forEach(({ text, off: isOff, legend, colour, selection }, i) => {
    next.append('query', text);
    if (isOff) off.push(letterOf(i));
    if (legend !== '') next.append('legend', `${letterOf(i)}:${legend}`);
    if (colour !== 0) next.append('colour', `${letterOf(i)}:${colour}`);
    for (const name of selection.names) next.append(selection.kind, `${letterOf(i)}:${name}`);
  });
  put('off', off.join(','), '');
  put('range', formatRange(state.range), formatRange(DEFAULT_RANGE));
  put('tab', state.tab, 'graph');
  put('type', state.type ?? '', '');
  put('step', typeof state.step === 'number' ? formatDuration(state.step) : state.step, 'auto');
  put('stack', state.stacked ? '1' : '', '');
  put('exemplars', state.exemplars ? '1' : '0', '1');
  put('all', state.all ? '1' : '', '');
  return next;
}

/** What is asked: as chosen, or what the view shows by itself. */
export function typeOf({ tab, type }: Pick<ExploreState, 'tab' | 'type'>): QueryType {
  return type ?? (tab === 'table' ? 'instant' : 'range');
}

/** A step as a person writes it, `15s` or `1m30s`; undefined for what is none. */
export function parseStep(text: string | null): number | undefined {
  const stepMs = text === null ? undefined : parseDuration(text.trim());
  return stepMs !== undefined && stepMs >= LEAST_STEP_MS ? stepMs : undefined;
}

/** The range that the `live` toggle leads to: the same length, sliding or standing. */
export function withLive(range: TimeRangeChoice, live: boolean): TimeRangeChoice {
  return { kind: live ? 'live' : 'last', windowMs: windowOf(range) };
}

function windowOf(range: TimeRangeChoice): number {
  return range.kind === 'absolute' ? range.toMs - range.fromMs : range.windowMs;
}

const LEAST_ZOOM_MS = 10_000;
const MOST_ZOOM_MS = 365 * 86_400_000;

/** Twice as long around the same middle, but not beyond now. */
export function zoomedOut(range: TimeRangeChoice, nowMs: number): TimeRangeChoice {
  const windowMs = Math.min(MOST_ZOOM_MS, 2 * windowOf(range));
  if (range.kind !== 'absolute') return { kind: range.kind, windowMs };
  const toMs = Math.min(Math.max(nowMs, range.toMs), range.toMs + windowMs / 4);
  return { kind: 'absolute', fromMs: Math.round(toMs - windowMs), toMs: Math.round(toMs) };
}

/** What was dragged over, in whole ms and not shorter than can be drawn. */
export function zoomedTo(fromMs: number, toMs: number): TimeRangeChoice {
  const [low, high] = [Math.min(fromMs, toMs), Math.max(fromMs, toMs)];
  const lengthMs = Math.max(LEAST_ZOOM_MS, high - low);
  const from = Math.round((low + high - lengthMs) / 2);
  return { kind: 'absolute', fromMs: from, toMs: Math.round(from + lengthMs) };
}

function oneOf<T extends string>(all: readonly T[], text: string | null): T | undefined {
  return all.find((each) => each === text);
}
