/** A parser that has seen other bodies gives exactly what one that has seen none gives. */
import { seededRandom } from '@watchroom/testkit';
import { describe, expect, test } from 'vitest';
import { type SampleSink, ScrapeParser, validateOpenMetrics } from '../src/index.ts';
import { RecordingSink, RowSink, record } from './recording-sink.ts';

const TEXT = 'text/plain; version=0.0.4';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const VALUES =
  '0 1 -1 1.5 3e5 1e-7 +Inf -Inf NaN 0.1 123456789012 1.234567890123456789 9007199254740993 1e309 x'.split(
    ' ',
  );

/** A body of a few families; `random` decides on lines, values, timestamps, exemplars and comments. */
function generate(random: () => number, openMetrics: boolean): string {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  let body = '';
  for (let f = 0; f < 4; f++) {
    const type = pick(['counter', 'gauge', 'histogram', 'summary']);
    if (random() < 0.8) body += `# TYPE f${f} ${type}\n`;
    if (random() < 0.5) body += `# HELP f${f} text ${pick(['a', 'b\\n', ''])}\n`;
    for (let i = 0; i < 8; i++) {
      if (random() < 0.15) continue;
      const label = pick(['le="1"', 'quantile="0.50"', 'a="ü\\n"', 'a="b",c="d,}"', '']);
      const value = pick(VALUES.slice(0, random() < 0.02 ? VALUES.length : -2));
      const time = random() < 0.2 ? ` ${Math.floor(random() * 1e4)}` : '';
      const exemplar = openMetrics && random() < 0.2 ? ' # {id="1"} 2 3.5' : '';
      body += `f${f}_${i % 6}{${label}} ${value}${time}${exemplar}\n`;
    }
  }
  return openMetrics ? `${body}# EOF\n` : body;
}

/** Changes a few bytes. */
function mutate(random: () => number, text: string): Uint8Array {
  const bytes = encode(text);
  const alphabet = encode('{}"\\,= \t\n#0159.eE+-_aN\0');
  const count = Math.floor(random() * 4);
  for (let i = 0; i < count; i++) {
    const at = Math.floor(random() * bytes.length);
    bytes[at] =
      random() < 0.1 ? Math.floor(random() * 256) : alphabet[Math.floor(random() * alphabet.length)]!;
  }
  return random() < 0.1 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
}

/** Without times, and each series once. */
function steady(text: string): string {
  const seen = new Set<string>();
  return text
    .replace(/^(f.*\} [-+\w.]+) \d+/gm, '$1')
    .split('\n')
    .filter((line) => {
      const series = line.startsWith('#') ? '' : line.slice(0, line.lastIndexOf('}'));
      return series === '' || (!seen.has(series) && seen.add(series));
    })
    .join('\n');
}

describe('a warm parser', () => {
  for (const contentType of [TEXT, OPENMETRICS]) {
    test(`equals a cold one on mutated bodies, and never throws: ${contentType}`, () => {
      const random = seededRandom(20_26);
      const isOpenMetrics = contentType === OPENMETRICS;
      for (let target = 0; target < 60; target++) {
        const warm = new ScrapeParser();
        const sink = new RecordingSink();
        let text = generate(random, isOpenMetrics);
        for (let scrape = 0; scrape < 12; scrape++) {
          if (random() < 0.4) text = generate(random, isOpenMetrics);
          const body = random() < 0.5 ? encode(text) : mutate(random, text);
          const ours = record(warm, body, contentType, sink);
          const cold = record(new ScrapeParser(), body, contentType);
          expect(ours.calls).toEqual(cold.calls);
          const { sameSeries: _warm, ...warmResult } = ours.result;
          const { sameSeries: _cold, ...coldResult } = cold.result;
          expect(warmResult).toEqual(coldResult);
          validateOpenMetrics(body);
        }
      }
    });
  }

  for (const contentType of [TEXT, OPENMETRICS]) {
    test(`hands over in rows what a cold one hands over one by one: ${contentType}`, () => {
      const random = seededRandom(31);
      const isOpenMetrics = contentType === OPENMETRICS;
      let rows = 0;
      for (let target = 0; target < 120; target++) {
        const warm = new ScrapeParser();
        const plain = new ScrapeParser({ vectors: false });
        const sink = new RowSink();
        const plainSink = new RowSink();
        let text = steady(generate(random, isOpenMetrics));
        for (let scrape = 0; scrape < 12; scrape++) {
          const change = random();
          if (change < 0.1) text = generate(random, isOpenMetrics);
          else if (change < 0.2) text = steady(text);
          // Other values in the same lines.
          text = text.replace(
            /\} [-+\w.]+/g,
            () => `} ${VALUES[Math.floor(random() * (VALUES.length - 2))]}`,
          );
          const body = random() < 0.85 ? encode(text) : mutate(random, text);
          const ours = record(warm, body, contentType, sink);
          expect(record(plain, body, contentType, plainSink)).toEqual(ours);
          const cold = record(new ScrapeParser(), body, contentType);
          expect([...ours.calls].sort()).toEqual([...cold.calls].sort());
          const { sameSeries: _warm, ...warmResult } = ours.result;
          const { sameSeries: _cold, ...coldResult } = cold.result;
          expect(warmResult).toEqual(coldResult);
        }
        expect(plainSink.rows).toBe(sink.rows);
        rows += sink.rows;
      }
      expect(rows).toBeGreaterThan(100);
    });
  }

  test('asks for a handle once for each series text, and again after a reset', () => {
    const parser = new ScrapeParser();
    const sink = new RecordingSink();
    const body = encode('a 1\nb{x="1"} 2\n');
    for (let i = 0; i < 3; i++) record(parser, body, TEXT, sink);
    record(parser, encode('b{x="1"} 2\na 1\n'), TEXT, sink);
    expect(sink.labels.map(String)).toEqual(['a', 'b{x="1"}']);
    parser.reset();
    record(parser, body, TEXT, sink);
    expect(sink.labels).toHaveLength(4);
  });

  test('says whether the series are those of the parse before', () => {
    const parser = new ScrapeParser();
    const sink = new RecordingSink();
    const same = (text: string): boolean => record(parser, encode(text), TEXT, sink).result.sameSeries;
    expect(same('a 1\nb 1\n')).toBe(false);
    expect(same('a 2\nb 2 5\n')).toBe(true);
    expect(same('a 2\n')).toBe(false);
    expect(same('a 2\nc 1\n')).toBe(false);
    expect(same('a 3\nc 1.5\n')).toBe(true);
  });

  test('keeps its metadata object while the lines are the same', () => {
    const parser = new ScrapeParser();
    const sink = new RecordingSink();
    const metadata = (text: string) => record(parser, encode(text), TEXT, sink).result.metadata;
    const first = metadata('# TYPE a counter\na 1\n');
    expect(metadata('# TYPE a counter\na 2\n')).toBe(first);
    expect(metadata('# TYPE a gauge\na 2\n').get('a')?.type).toBe('gauge');
  });

  test('forgets series that are gone when they pile up', () => {
    const parser = new ScrapeParser();
    const sink = new RecordingSink();
    for (let scrape = 0; scrape < 30; scrape++) {
      const lines = Array.from({ length: 500 }, (_, i) => `a{pod="${scrape}-${i}"} ${i}\n`);
      const { result } = record(parser, encode(`stays 1\n${lines.join('')}`), TEXT, sink);
      expect(result.samples).toBe(501);
    }
    const again = record(parser, encode('stays 7\na{pod="29-3"} 3\n'), TEXT, sink);
    expect(again.calls).toHaveLength(2);
  });

  test('does not hand on what the sink does not want', () => {
    let samples = 0;
    const sink: SampleSink = {
      resolve: (labels) => (labels.metricName === 'a' ? 0 : 1),
      sample: () => samples++,
    };
    const parser = new ScrapeParser();
    for (let i = 0; i < 3; i++) expect(parser.parse(encode('a 1\nb 1\n'), TEXT, sink).samples).toBe(2);
    expect(samples).toBe(3);
  });
});

describe('a long body', () => {
  const lines = Array.from(
    { length: 5_000 },
    (_, i) => `# HELP f${i} text\nf${i}{a="${'x'.repeat(20)}"} ${i}\n`,
  );

  test.each([
    ['text', TEXT, lines.join('')],
    ['OpenMetrics', OPENMETRICS, `${lines.join('')}# EOF\n`],
  ])('in %s is read in steps, and gives what it does at once', (_, contentType, body) => {
    const bytes = encode(body);
    const [parser, sink] = [new ScrapeParser(), new RecordingSink()];
    for (const round of [1, 2]) {
      sink.calls = [];
      const steps = parser.steps(bytes, contentType, sink);
      let count = 0;
      let step = steps.next();
      while (!step.done) {
        count++;
        step = steps.next();
      }
      expect(count, `steps of round ${round}`).toBeGreaterThan(2);
      const other = record(new ScrapeParser(), bytes, contentType);
      expect(sink.calls).toEqual(other.calls);
      expect({ ...step.value, sameSeries: false }).toEqual({ ...other.result, sameSeries: false });
    }
  });

  test('of one endless comment costs no memory, and what stands around it is read', () => {
    const comment = Buffer.alloc(5_000_000, '#');
    const body = Buffer.concat([encode('a 1\n'), comment, encode('\nb 2\n')]);
    const [parser, sink] = [new ScrapeParser(), new RecordingSink()];
    for (let round = 0; round < 3; round++) {
      const { result, calls } = record(parser, body, TEXT, sink);
      expect(result).toMatchObject({ samples: 2, errorCount: 0 });
      expect(calls.length).toBe(2);
    }
    // A zero byte ends the body there, as in a short comment.
    body[1_000_000] = 0;
    expect(record(parser, body, TEXT, sink).result.samples).toBe(1);
  });
});
