/**
 * Values of an expression over all evaluation times at once. A column is one series; `kinds[i]` says what it holds at
 * step i. A node may write into the columns that it is given where they are not shared: its answer needs no others then.
 */
import { type Labels, METRIC_NAME, type NativeHistogram } from '@watchroom/model';
import { ExecutionError } from '../errors.ts';

export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/** The evaluation times: startMs + i × stepMs for i < count. */
export interface Grid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
}

export interface Column {
  labels: Labels;
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  /** Created with the first histogram. */
  histograms: (NativeHistogram | undefined)[] | undefined;
  /** With delayed name removal: the name goes at the end of the query. */
  dropName: boolean;
  /** Others look at its values, too: they stay as they are. */
  isShared: boolean;
}

export type Value =
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'vector'; readonly columns: Column[] }
  | { readonly type: 'string'; readonly value: string };

export function timeAt(grid: Grid, step: number): number {
  return grid.startMs + step * grid.stepMs;
}

/** Columns of long queries are cut from slabs: one allocation outside the heap instead of many. */
const SLAB_LENGTH = 16_384;
const SHORTEST_CUT = 9;
let slabValues = new Float64Array(0);
let slabKinds = new Uint8Array(0);
let slabUsed = 0;

export function newColumn(labels: Labels, count: number, dropName = false): Column {
  if (count < SHORTEST_CUT || count > SLAB_LENGTH / 8) {
    const values = new Float64Array(count);
    return { labels, kinds: new Uint8Array(count), values, histograms: undefined, dropName, isShared: false };
  }
  if (slabUsed + count > slabValues.length) {
    slabValues = new Float64Array(SLAB_LENGTH);
    slabKinds = new Uint8Array(SLAB_LENGTH);
    slabUsed = 0;
  }
  const end = slabUsed + count;
  const kinds = slabKinds.subarray(slabUsed, end);
  const values = slabValues.subarray(slabUsed, end);
  slabUsed = end;
  return { labels, kinds, values, histograms: undefined, dropName, isShared: false };
}

/**
 * What a node puts its answer for a column of floats into: a new column, or the one that it was given, with what is in it. The
 * node sets each step that had a value.
 */
export function answerTo(column: Column): Column {
  if (!column.isShared && !column.histograms) return column;
  return newColumn(column.labels, column.kinds.length, column.dropName);
}

/** The column, or a copy where others look at it, too. */
export function ownOf(column: Column): Column {
  if (!column.isShared) return column;
  return {
    ...column,
    kinds: column.kinds.slice(),
    values: column.values.slice(),
    histograms: column.histograms?.slice(),
    isShared: false,
  };
}

export function setFloat(column: Column, step: number, value: number): void {
  column.kinds[step] = FLOAT;
  column.values[step] = value;
}

export function setHistogram(column: Column, step: number, histogram: NativeHistogram): void {
  column.kinds[step] = HISTOGRAM;
  column.histograms ??= new Array<NativeHistogram | undefined>(column.kinds.length).fill(undefined);
  column.histograms[step] = histogram;
}

export function isEmpty(column: Column): boolean {
  const { kinds } = column;
  for (let i = 0; i < kinds.length; i++) if (kinds[i] !== ABSENT) return false;
  return true;
}

/** What an operator has found out about its series is kept for the next evaluation when there are no more of them. */
export const MOST_KEPT_SERIES = 16_384;

/** Whether the columns have these very labels, in their order. */
export function haveLabels(columns: readonly Column[], labels: readonly Labels[]): boolean {
  if (columns.length !== labels.length) return false;
  for (let i = 0; i < labels.length; i++) if (columns[i]!.labels !== labels[i]) return false;
  return true;
}

/** What goes with the name when type and unit are labels. */
const WITH_METADATA: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

/** How results lose the metric's name. */
export interface NameRule {
  /** At the end of the query instead of at once. */
  readonly delayed: boolean;
  /** The labels __type__ and __unit__ go with the name. */
  readonly metadataLabels: boolean;
}

/** Stores give a series the same Labels object each time, so that what is derived from it is worth keeping. */
const bare = new WeakMap<Labels, Labels>();

export function withoutName(labels: Labels, metadataLabels = false): Labels {
  if (!metadataLabels) return labels.nameless;
  let rest = bare.get(labels);
  if (rest === undefined) {
    rest = labels.without(WITH_METADATA);
    bare.set(labels, rest);
  }
  return rest;
}

/**
 * Takes the metric name off every column, now or (delayed) at the end of the query. The columns must be the caller's.
 * Columns that become alike are merged, or fail when both have a value at one time.
 */
export function dropNames(columns: Column[], { delayed, metadataLabels }: NameRule): Column[] {
  if (delayed) {
    for (const column of columns) column.dropName = true;
    return columns;
  }
  const name = columns[0]?.labels.metricName;
  let alike = true;
  for (const column of columns) {
    if (alike && column.labels.metricName !== name) alike = false;
    column.labels = withoutName(column.labels, metadataLabels);
  }
  return alike ? columns : mergeAlike(columns);
}

/** Joins columns of equal labels; throws ExecutionError when two of them have a value at one time. */
export function mergeAlike(columns: Column[]): Column[] {
  const byKey = new Map<string, Column>();
  for (const column of columns) {
    const known = byKey.get(column.labels.key);
    if (known) mergeInto(known, column);
    else byKey.set(column.labels.key, column);
  }
  return byKey.size === columns.length ? columns : [...byKey.values()];
}

function mergeInto(target: Column, source: Column): void {
  for (let i = 0; i < source.kinds.length; i++) {
    if (source.kinds[i] === ABSENT) continue;
    if (target.kinds[i] !== ABSENT) {
      throw new ExecutionError('vector cannot contain metrics with the same labelset');
    }
    if (source.kinds[i] === HISTOGRAM) setHistogram(target, i, source.histograms![i]!);
    else setFloat(target, i, source.values[i]!);
  }
}
