/**
 * Writes stored samples as OpenMetrics text, series by series in the order of their labels, a span of time after the other:
 * memory holds one span of one series. The folder may be in use.
 */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { type Matcher, systemClock } from '@watchroom/model';
import { parseMetricSelector } from '@watchroom/promql';
import { type FrozenStore, openFrozen } from '@watchroom/tsdb';
import { ApiError } from '../http/prometheus/api-error.ts';
import { MAX_TIME_MS, timeOr } from '../http/prometheus/parameters.ts';
import { parseCommand, UsageError } from './command.ts';
import { existingFolder, refusable, stderrLog } from './data-folders.ts';
import { sampleText, seriesText } from './openmetrics-text.ts';
import { Progress } from './progress.ts';

const DAY_MS = 86_400_000;
/** A series is read in so many spans at most. */
const MOST_SPANS = 60;
const PIECE_LENGTH = 65_536;

interface Written {
  series: number;
  samples: number;
  histograms: number;
  nameless: number;
}

/** Where the text goes; told when a piece could not be taken at once. */
type Write = (text: string) => Promise<void>;

export async function tsdbDumpCommand(args: string[]): Promise<number> {
  const { values } = parseCommand({
    args,
    options: {
      data: { type: 'string', default: 'data' },
      match: { type: 'string', multiple: true },
      start: { type: 'string' },
      end: { type: 'string' },
      output: { type: 'string' },
    },
  });
  const dir = existingFolder(values.data, '--data');
  const sets = (values.match ?? ['{__name__!=""}']).map(selectorOf);
  const range = {
    startMs: timeOf(values.start, 'start', -MAX_TIME_MS),
    endMs: timeOf(values.end, 'end', MAX_TIME_MS),
  };
  if (range.endMs < range.startMs)
    throw new UsageError(`--end ${values.end} lies before --start ${values.start}; exchange the two`);
  const store = refusable(() => openFrozen(dir, systemClock, stderrLog));
  const target = values.output === undefined ? process.stdout : createWriteStream(values.output);
  let failure: Error | undefined;
  target.on('error', (error) => {
    failure = error;
  });
  const write: Write = async (text) => {
    if (failure) throw failure;
    if (!target.write(text))
      await new Promise<void>((go) => {
        const free = () => {
          for (const name of ['drain', 'error', 'close']) target.off(name, free);
          go();
        };
        for (const name of ['drain', 'error', 'close']) target.once(name, free);
      });
  };
  try {
    const written = await dump(store, sets, range, write);
    if (target !== process.stdout) {
      target.end();
      await finished(target);
    }
    report(written);
    return 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Whoever reads has enough.
    if (code === 'EPIPE') return 0;
    if (error === failure)
      throw new UsageError(`cannot write: ${(error as Error).message}; look at rights and space there`, 1);
    throw error;
  } finally {
    store.close();
  }
}

/** Ends with `# EOF`. */
export async function dump(
  store: FrozenStore,
  sets: readonly (readonly Matcher[])[],
  range: { readonly startMs: number; readonly endMs: number },
  write: Write,
): Promise<Written> {
  const written: Written = { series: 0, samples: 0, histograms: 0, nameless: 0 };
  const progress = new Progress();
  const startMs = Math.max(range.startMs, store.range.startMs);
  const endMs = Math.min(range.endMs, store.range.endMs);
  const spanMs = Math.max(DAY_MS, Math.ceil((endMs - startMs + 1) / MOST_SPANS));
  let piece = '';
  for (const ref of selected(store, sets)) {
    const series = seriesText(store.labels(ref));
    if (series === undefined) {
      written.nameless++;
      continue;
    }
    written.series++;
    for (let fromMs = startMs; fromMs <= endMs; fromMs += spanMs) {
      const data = store.read(ref, { startMs: fromMs, endMs: Math.min(endMs, fromMs + spanMs - 1) });
      if (!data) continue;
      const { timestamps, values, histograms } = data;
      for (let i = 0; i < timestamps.length; i++) {
        if (histograms?.[i]) {
          written.histograms++;
          continue;
        }
        piece += series + sampleText(values, i, timestamps[i]!);
        written.samples++;
        if (piece.length < PIECE_LENGTH) continue;
        await write(piece);
        piece = '';
      }
    }
    progress.say(() => `${written.series} series, ${written.samples} samples written`);
  }
  await write(`${piece}# EOF\n`);
  return written;
}

/** Each series once, in the order of labels. */
function selected(store: FrozenStore, sets: readonly (readonly Matcher[])[]): readonly number[] {
  if (sets.length === 1) return store.find(sets[0]!);
  const all = new Set(sets.flatMap((matchers) => store.find(matchers)));
  return [...all].sort((a, b) => store.labels(a).compare(store.labels(b)));
}

function report({ series, samples, histograms, nameless }: Written): void {
  console.error(`${series} series, ${samples} samples`);
  if (histograms > 0)
    console.error(
      `${histograms} samples of native histograms are left out: OpenMetrics text has no form for them`,
    );
  if (nameless > 0) console.error(`${nameless} series without a metric name are left out: they have no text`);
}

function selectorOf(text: string): readonly Matcher[] {
  try {
    return parseMetricSelector(text).matchers;
  } catch (error) {
    throw new UsageError(`--match ${text}: ${(error as Error).message}; write for example up{job="a"}`);
  }
}

function timeOf(text: string | undefined, name: string, fallbackMs: number): number {
  try {
    return timeOr({ [name]: text }, name, fallbackMs);
  } catch (error) {
    if (error instanceof ApiError)
      throw new UsageError(`--${name} ${text} is not a time; write Unix seconds or 2026-01-02T15:04:05Z`);
    throw error;
  }
}
