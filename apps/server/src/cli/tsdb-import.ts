/**
 * Stores OpenMetrics text in a data folder that no server runs on. Samples may lie before those that are there; of two samples
 * of one time one counts. Takes as much as the disk takes: memory holds a bounded number of samples.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { OpenMetricsError, OpenMetricsStream, type StreamedSample } from '@watchroom/exposition';
import {
  type Appender,
  type AppendOutcome,
  type Labels,
  type SeriesRef,
  systemClock,
} from '@watchroom/model';
import { openStore, type TimeSeriesStore } from '@watchroom/tsdb';
import { MAX_TIME_MS } from '../http/prometheus/parameters.ts';
import { parseCommand, UsageError } from './command.ts';
import { asUsageError, newFolder, stderrLog } from './data-folders.ts';
import { KnownSamples } from './known-samples.ts';
import { bitsOf, readValue } from './openmetrics-text.ts';
import { Progress } from './progress.ts';

const COMMIT_SAMPLES = 20_000;
/** Series whose samples wait for longer might be taken for gone. */
const COMMIT_EVERY_MS = 5_000;
/** Uncompressed samples in memory; beyond it the import waits for blocks to be written. */
const MOST_HEAD_BYTES = 64 << 20;
const WAIT_MS = 5;

const REFUSED: Readonly<Partial<Record<AppendOutcome, string>>> = {
  too_far_ahead:
    'the sample lies more than ten minutes in the future; correct its time or the clock of this machine',
  conflict: 'another sample of the same series has the same time and another value; keep one of the two',
};

export async function tsdbImportCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand({
    args,
    allowPositionals: true,
    options: { data: { type: 'string', default: 'data' } },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError('name one file, or - for standard input: watchroom tsdb import [--data DIR] FILE');
  if (file !== '-' && !existsSync(file)) throw new UsageError(`there is no file ${file}`, 1);
  if (file !== '-' && statSync(file).isDirectory())
    throw new UsageError(`${file} is a folder; name a file in it`, 1);
  const dir = newFolder(values.data, '--data');
  const input: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file);
  const store = await openForImport(dir);
  const importer = new Importer(store);
  try {
    await importer.run(input);
  } catch (error) {
    if (!(error instanceof OpenMetricsError)) throw asUsageError(error);
    const where = `${file === '-' ? 'standard input' : file}:${error.line}`;
    console.error(`${where}: ${error.message}${error.text === '' ? '' : `: ${error.text}`}`);
    console.error(
      `${importer.samples} samples before it are stored; mend the file and import it again: a sample that is there counts once`,
    );
    return 1;
  } finally {
    await store.close();
  }
  console.error(
    `${importer.series} series, ${importer.samples} samples stored, ${importer.known} were there already`,
  );
  return 0;
}

async function openForImport(dir: string): Promise<TimeSeriesStore> {
  try {
    return await openStore({
      dir,
      clock: systemClock,
      retentionMs: Number.POSITIVE_INFINITY,
      maxBytes: Number.POSITIVE_INFINITY,
      outOfOrderWindowMs: Number.POSITIVE_INFINITY,
      markStaleOnOpen: false,
      log: stderrLog,
    });
  } catch (error) {
    throw asUsageError(error);
  }
}

function judged(there: bigint, given: number): AppendOutcome {
  return there === bitsOf(given) ? 'duplicate' : 'conflict';
}

/** From text to commits. */
class Importer {
  readonly #store: TimeSeriesStore;
  readonly #known: KnownSamples;
  readonly #progress = new Progress();
  #appender: Appender | undefined;
  #labels: Labels | undefined;
  #ref: SeriesRef = 0;
  #count = 0;
  #bytes = 0;
  #committedMs = performance.now();
  samples = 0;
  known = 0;

  constructor(store: TimeSeriesStore) {
    this.#store = store;
    this.#known = new KnownSamples(store);
  }

  get series(): number {
    return this.#known.series;
  }

  /** Throws OpenMetricsError; what stood before its line is stored. */
  async run(input: AsyncIterable<Buffer>): Promise<void> {
    const stream = new OpenMetricsStream((sample, line) => this.#take(sample, line));
    try {
      for await (const bytes of input) {
        this.#bytes += bytes.length;
        stream.push(bytes);
        const isSlow = performance.now() - this.#committedMs > COMMIT_EVERY_MS;
        if (this.#count >= COMMIT_SAMPLES || isSlow) await this.#commit();
        this.#progress.say(() => `line ${stream.line}, ${this.samples} samples, ${this.#bytes} bytes read`);
      }
      stream.end();
    } finally {
      await this.#commit();
    }
  }

  #take({ labels, value, timeMs, exemplar }: StreamedSample, line: number): void {
    const text = `${labels.metricName} ${value}`;
    if (timeMs === undefined)
      throw new OpenMetricsError(
        line,
        'expected timestamp for series got none; write it behind the value, in seconds',
        text,
      );
    if (timeMs < -MAX_TIME_MS)
      throw new OpenMetricsError(
        line,
        'the sample lies before all times that can be asked for; correct its time',
        text,
      );
    if (labels !== this.#labels) {
      this.#labels = labels;
      this.#appender ??= this.#store.appender();
      // The object is kept with the ref, which is good for as long.
      this.#ref = this.#appender.series(labels);
    }
    const given = readValue(value, exemplar);
    const there = this.#known.at(this.#ref, labels, timeMs, given, this.#see);
    this.#appender ??= this.#store.appender();
    const outcome =
      there === undefined ? this.#appender.append(this.#ref, timeMs, given) : judged(there, given);
    const fault = REFUSED[outcome];
    if (fault !== undefined) throw new OpenMetricsError(line, fault, text);
    if (outcome === 'ok') {
      this.samples++;
      this.#count++;
    } else this.known++;
  }

  /** Queries see then what was taken so far. */
  readonly #see = (): void => {
    this.#appender?.commit();
    this.#appender = undefined;
  };

  async #commit(): Promise<void> {
    this.#see();
    this.#count = 0;
    this.#committedMs = performance.now();
    await this.#store.flush();
    this.#refuse();
    while (this.#store.stats().headBytes > MOST_HEAD_BYTES) {
      await after(WAIT_MS);
      this.#refuse();
    }
  }

  /** A disk that takes nothing more would only fill the memory. */
  #refuse(): void {
    const { lastFlushError } = this.#store.stats();
    if (lastFlushError !== undefined)
      throw new UsageError(
        `the disk does not take samples: ${lastFlushError}; make room there and import again`,
        1,
      );
  }
}
