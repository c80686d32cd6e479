/**
 * Nanoseconds a line, cold and warm, on generated bodies of 1,000 lines in which half of the values change each scrape.
 * The answers are compared with a naive parser's before anything is timed.
 *   node bench/run.ts
 */
import { type SampleSink, ScrapeParser } from '../src/index.ts';

const LINES = 1000;
const BODIES = 20;
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

function body(scrape: number): Uint8Array {
  let text = '';
  for (let i = 0; i < LINES; i++) {
    if (i % 25 === 0)
      text += `# HELP bench_family_${i / 25}_total Requests.\n# TYPE bench_family_${i / 25}_total counter\n`;
    const value = i % 2 === 0 ? 1000 + i : i % 3 === 0 ? 1e5 * i + scrape * 17 : i * 0.37 + scrape * 0.731;
    text += `bench_family_${Math.floor(i / 25)}_total{instance="10.0.0.1:9100",route="/api/v1/orders/${i % 25}",method="GET",code="200"} ${value}\n`;
  }
  return new TextEncoder().encode(text);
}

class SumSink implements SampleSink {
  series = 0;
  sum = 0;
  resolve(): number {
    return ++this.series;
  }
  sample(handle: number, _timeMs: number | undefined, value: number): void {
    this.sum += value * (handle % 7);
  }
}

/** As the scraper's: takes a body with the same lines as one row. */
class RowSink extends SumSink {
  row(handles: Int32Array, values: Float64Array): void {
    for (let i = 0; i < values.length; i++) this.sum += values[i]! * (handles[i]! % 7);
  }
}

function naive(bytes: Uint8Array, handles: Map<string, number>): number {
  let sum = 0;
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const blank = line.lastIndexOf(' ');
    const series = line.slice(0, blank);
    let handle = handles.get(series);
    if (handle === undefined) {
      handle = handles.size + 1;
      handles.set(series, handle);
    }
    sum += Number(line.slice(blank + 1)) * (handle % 7);
  }
  return sum;
}

function nanosecondsALine(
  rounds: number,
  run: (bytes: Uint8Array) => void,
  bodies: readonly Uint8Array[],
): number {
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) for (const bytes of bodies) run(bytes);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / (rounds * bodies.length * LINES);
}

const bodies = Array.from({ length: BODIES }, (_, scrape) => body(scrape));
const parser = new ScrapeParser();
const sink = new SumSink();
const handles = new Map<string, number>();
const rowParser = new ScrapeParser();
const rowSink = new RowSink();
for (const bytes of bodies) {
  sink.sum = 0;
  parser.parse(bytes, CONTENT_TYPE, sink);
  rowSink.sum = 0;
  rowParser.parse(bytes, CONTENT_TYPE, rowSink);
  const expected = naive(bytes, handles);
  if (sink.sum !== expected || rowSink.sum !== expected)
    throw new Error(`the parsers differ: ${sink.sum}, ${rowSink.sum} and ${expected}`);
}

const cold = (bytes: Uint8Array): void => {
  new ScrapeParser().parse(bytes, CONTENT_TYPE, new SumSink());
};
const warm = (bytes: Uint8Array): void => {
  parser.parse(bytes, CONTENT_TYPE, sink);
};
nanosecondsALine(1, cold, bodies);
const row = (bytes: Uint8Array): void => {
  rowParser.parse(bytes, CONTENT_TYPE, rowSink);
};
nanosecondsALine(20, warm, bodies);
nanosecondsALine(20, row, bodies);
console.log(`bytes a line, comments included: ${(bodies[0]!.length / LINES).toFixed(1)}`);
console.log(`cold:  ${nanosecondsALine(3, cold, bodies).toFixed(0)} ns a line`);
for (let i = 0; i < 3; i++) console.log(`warm:  ${nanosecondsALine(100, warm, bodies).toFixed(1)} ns a line`);
for (let i = 0; i < 3; i++) console.log(`rows:  ${nanosecondsALine(100, row, bodies).toFixed(1)} ns a line`);
console.log(
  `naive: ${nanosecondsALine(20, (bytes) => void naive(bytes, handles), bodies).toFixed(0)} ns a line`,
);
