import { type ParseResult, type SampleSink, ScrapeParser } from '@watchroom/exposition';
import type { Labels } from '@watchroom/model';
import { seededRandom } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { reportBytes } from '../src/fetching/protocol.ts';
import { Recorder } from '../src/fetching/recorder.ts';
import { Replay, type ReplaySink } from '../src/fetching/replay.ts';

/** Notes each call. */
class Notes implements ReplaySink {
  readonly calls: unknown[] = [];
  #handles = 0;

  resolve(labels: Labels): number {
    this.calls.push(['resolve', labels.key]);
    return ++this.#handles;
  }

  sample(...call: Parameters<SampleSink['sample']>): void {
    this.calls.push(['sample', ...call]);
  }

  row(handles: Int32Array, values: Float64Array): void {
    this.calls.push(['row', [...handles], [...values]]);
  }

  histogram(...call: Parameters<NonNullable<SampleSink['histogram']>>): void {
    this.calls.push(['histogram', ...call]);
  }

  exemplar(...call: Parameters<NonNullable<SampleSink['exemplar']>>): void {
    const [handle, labels, ...rest] = call;
    this.calls.push(['exemplar', handle, labels.key, ...rest]);
  }
}

const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0';

/** What a sink hears at once, and what it hears by way of a copy to another thread. */
class Pair {
  readonly at = new Notes();
  readonly by = new Notes();
  readonly #direct: ScrapeParser;
  readonly #recorded: ScrapeParser;
  readonly #recorder = new Recorder();
  readonly #replay = new Replay(this.by);
  metadata: ParseResult['metadata'] = new Map();

  constructor(options: ConstructorParameters<typeof ScrapeParser>[0] = {}) {
    this.#direct = new ScrapeParser(options);
    this.#recorded = new ScrapeParser(options);
  }

  scrape(body: string | Uint8Array, type: string): ParseResult {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    const result = this.#direct.parse(bytes, type, this.at);
    this.#recorder.begin();
    const reading = structuredClone(this.#recorder.finish(this.#recorded.parse(bytes, type, this.#recorder)));
    Array.from(this.#replay.learn(reading));
    this.#replay.tell(reading);
    if (reading.metadata) this.metadata = reading.metadata;
    expect(reading).toMatchObject({
      samples: result.samples,
      duplicates: result.duplicates,
      errorCount: result.errorCount,
    });
    expect(reading.fatal === undefined).toBe(result.fatal === undefined);
    expect(this.metadata).toEqual(result.metadata);
    return result;
  }

  /** The calls in an order in which both can make them: series become known before the first sample. */
  expectEqual(): void {
    const [at, by] = [this.at, this.by].map(({ calls }) => {
      const born = calls.filter((call) => (call as unknown[])[0] === 'resolve');
      return [born, calls.filter((call) => (call as unknown[])[0] !== 'resolve')];
    });
    expect(by).toEqual(at);
  }
}

it('tells what the parser says, over scrapes whose lines come, go and change places', () => {
  const random = seededRandom(11);
  let rows = 0;
  for (let target = 0; target < 30; target++) {
    const pair = new Pair();
    let lines = Array.from({ length: 6 }, (_, i) => `m${i % 2}_total{i="${i}"}`);
    let exemplars = false;
    for (let scrape = 0; scrape < 30; scrape++) {
      const change = random();
      if (change < 0.1) lines = lines.filter(() => random() < 0.8);
      else if (change < 0.2) lines = [...lines, `n_total{i="${Math.floor(random() * 9)}"}`];
      else if (change < 0.3) lines = [...lines].reverse();
      else if (change < 0.35) exemplars = !exemplars;
      const times = random() < 0.1;
      const text = lines.map((line) => {
        const time = times && random() < 0.7 ? ` ${scrape}.5` : '';
        const exemplar = exemplars && random() < 0.5 ? ` # {id="${scrape}"} ${random()}` : '';
        return `${line} ${Math.floor(random() * 100)}${time}${exemplar}\n`;
      });
      pair.scrape(`# TYPE m0 counter\n${text.join('')}# EOF\n`, OPEN_METRICS);
    }
    pair.expectEqual();
    rows += pair.at.calls.filter((call) => (call as unknown[])[0] === 'row').length;
  }
  expect(rows).toBeGreaterThan(100);
});

it('tells of native histograms between the samples among which they stood', () => {
  const pair = new Pair({ classicToCustomBuckets: true, classicHistograms: true });
  const buckets = (n: number) => `# TYPE h histogram
h_bucket{le="1"} ${n}
h_bucket{le="+Inf"} ${n + 1}
h_sum 3
h_count ${n + 1}
# TYPE a gauge
a ${n}
`;
  for (let n = 1; n < 4; n++) pair.scrape(buckets(n), 'text/plain');
  pair.expectEqual();
  expect(pair.at.calls.filter((call) => (call as unknown[])[0] === 'histogram').length).toBe(3);
});

it('says why a body is refused, with its line', () => {
  const recorder = new Recorder();
  recorder.begin();
  const body = new TextEncoder().encode('a 1\nb{ 2\n');
  const reading = recorder.finish(new ScrapeParser().parse(body, 'text/plain', recorder));
  expect(reading.fatal).toMatch(/^line 2: /);
  expect(reading.values).toEqual(Float64Array.of(1));
  recorder.begin();
  const none = recorder.finish(new ScrapeParser().parse(body, undefined, recorder));
  expect(none.fatal).not.toMatch(/^line/);
});

it('knows about how much memory a report takes', () => {
  const recorder = new Recorder();
  const parser = new ScrapeParser();
  const body = new TextEncoder().encode(Array.from({ length: 1000 }, (_, i) => `a{i="${i}"} 1\n`).join(''));
  const sizes = [1, 2, 3, 4].map(() => {
    recorder.begin();
    const reading = recorder.finish(parser.parse(body, 'text/plain', recorder));
    const times = { sampleTimeMs: 0, lateMs: 0, durationMs: 0, endedAtMs: 0, nextInMs: 0, missed: 0 };
    return reportBytes({ target: 1, generation: 1, ...times, bodyBytes: 1, fault: undefined, reading });
  });
  expect(sizes[0]).toBeGreaterThan(50_000);
  expect(sizes[3]).toBeGreaterThan(8_000);
  expect(sizes[3]).toBeLessThan(10_000);
});
