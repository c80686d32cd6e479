/**
 * Says what a data folder is full of: promtool's tsdb analyze, over the whole folder instead of one block, and what samples
 * cost. The folder may be in use. Churn is counted as promtool does: how much of the whole time the series of a label do not
 * cover, in units of that time.
 */
import { type Labels, METRIC_NAME, type SeriesRef, systemClock } from '@watchroom/model';
import { parseMetricSelector } from '@watchroom/promql';
import { type FrozenStore, openFrozen } from '@watchroom/tsdb';
import { parseCommand, UsageError } from './command.ts';
import { existingFolder, refusable, stderrLog } from './data-folders.ts';
import { sizeText } from './progress.ts';

const DEFAULT_LIMIT = 20;
const EVERYTHING = '{__name__=~".*"}';

export async function tsdbAnalyzeCommand(args: string[]): Promise<number> {
  const { values } = parseCommand({
    args,
    options: {
      data: { type: 'string', default: 'data' },
      match: { type: 'string', default: EVERYTHING },
      limit: { type: 'string', default: String(DEFAULT_LIMIT) },
    },
  });
  const dir = existingFolder(values.data, '--data');
  if (!/^[1-9]\d{0,5}$/.test(values.limit))
    throw new UsageError(`--limit ${values.limit} is not a number of lines; write for example --limit 20`);
  const store = refusable(() => openFrozen(dir, systemClock, stderrLog));
  try {
    const refs = store.find(matchersOf(values.match));
    for (const line of analysis(dir, store, refs, Number(values.limit))) console.log(line);
    return 0;
  } finally {
    store.close();
  }
}

function matchersOf(text: string) {
  try {
    return parseMetricSelector(text).matchers;
  } catch (error) {
    throw new UsageError(`--match ${text}: ${(error as Error).message}; write for example up{job="a"}`);
  }
}

/** A sum by text. */
class Sums {
  readonly byKey = new Map<string, number>();

  add(key: string, value: number): void {
    this.byKey.set(key, (this.byKey.get(key) ?? 0) + value);
  }

  /** The largest first, equal ones by text. */
  *largest(limit: number, shown: (value: number) => number = (value) => value): Generator<string> {
    const sorted = [...this.byKey].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    for (const [key, value] of sorted.slice(0, limit)) yield `${shown(value)} ${key}`;
  }
}

/** Where each series begins and ends, and how many samples it has when those of a block are shared evenly. */
function coverage(store: FrozenStore): Map<SeriesRef, { minMs: number; maxMs: number; samples: number }> {
  const found = new Map<SeriesRef, { minMs: number; maxMs: number; samples: number }>();
  for (const { refs, minMs, maxMs, samples } of store.blocks) {
    for (const ref of refs) {
      const known = found.get(ref);
      const share = samples / refs.length;
      if (!known) found.set(ref, { minMs, maxMs, samples: share });
      else {
        known.minMs = Math.min(known.minMs, minMs);
        known.maxMs = Math.max(known.maxMs, maxMs);
        known.samples += share;
      }
    }
  }
  return found;
}

function* analysis(
  dir: string,
  store: FrozenStore,
  refs: readonly SeriesRef[],
  limit: number,
): Generator<string> {
  const { startMs, endMs } = store.range;
  const spanMs = Math.max(1, endMs - startMs);
  const sums = {
    pairChurn: new Sums(),
    nameChurn: new Sums(),
    pairs: new Sums(),
    metrics: new Sums(),
    samples: new Sums(),
  };
  const valuesOf = new Map<string, Set<string>>();
  const covered = coverage(store);
  let entries = 0;
  for (const ref of refs) {
    const labels: Labels = store.labels(ref);
    const own = covered.get(ref);
    const uncoveredMs = spanMs - (own ? own.maxMs - own.minMs : 0);
    for (const [name, value] of labels.pairs()) {
      const pair = `${name}=${value}`;
      entries++;
      sums.pairs.add(pair, 1);
      sums.pairChurn.add(pair, uncoveredMs);
      sums.nameChurn.add(name, uncoveredMs);
      const values = valuesOf.get(name) ?? new Set();
      valuesOf.set(name, values.add(value));
    }
    sums.metrics.add(labels.get(METRIC_NAME), 1);
    sums.samples.add(labels.get(METRIC_NAME), own?.samples ?? 0);
  }
  const lengths = new Sums();
  const cardinality = new Sums();
  for (const [name, values] of valuesOf) {
    cardinality.add(name, values.size);
    for (const value of values) lengths.add(name, Buffer.byteLength(value));
  }
  const perSample = store.blockSamples > 0 ? (store.blockBytes / store.blockSamples).toFixed(2) : 'no';
  const inSpans = (ms: number): number => Math.floor(ms / spanMs);
  yield `Folder: ${dir}`;
  if (Number.isFinite(startMs)) yield `Time: ${timeText(startMs)} to ${timeText(endMs)}`;
  yield `Samples in blocks: ${store.blockSamples} in ${sizeText(store.blockBytes)}, ${perSample} bytes per sample`;
  yield `Samples not yet in blocks: ${store.headSamples} in ${sizeText(store.headBytes)}`;
  yield `Total Series: ${refs.length}`;
  yield `Label names: ${valuesOf.size}`;
  yield `Postings (unique label pairs): ${sums.pairs.byKey.size}`;
  yield `Postings entries (total label pairs): ${entries}`;
  yield '\nLabel pairs most involved in churning:';
  yield* sums.pairChurn.largest(limit, inSpans);
  yield '\nLabel names most involved in churning:';
  yield* sums.nameChurn.largest(limit, inSpans);
  yield '\nMost common label pairs:';
  yield* sums.pairs.largest(limit);
  yield '\nLabel names with highest cumulative label value length:';
  yield* lengths.largest(limit);
  yield '\nHighest cardinality labels:';
  yield* cardinality.largest(limit);
  yield '\nHighest cardinality metric names:';
  yield* sums.metrics.largest(limit);
  yield '\nMetric names with most samples (those of a block shared evenly among its series):';
  yield* sums.samples.largest(limit, Math.round);
}

function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
