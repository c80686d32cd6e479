/**
 * The samples on which two engines are compared: two hours of counters with resets, gauges with NaN and infinities, gaps,
 * stale markers, uneven times, classic and native histograms, metadata series. The same seed gives the same samples.
 */
import { Message, seededRandom, snappy } from '@watchroom/testkit';

/** When the samples begin. */
export const START_MS = 1_780_000_000_000;
export const SCRAPE_MS = 15_000;
export const SCRAPES = 480;
export const END_MS = START_MS + SCRAPES * SCRAPE_MS;

type Labels = Readonly<Record<string, string>>;
/** Field numbers of remote write 1.0's Histogram in a message made by `native`. */
type Sample = readonly [timeMs: number, value: number | 'stale' | Message];

interface Series {
  readonly labels: Labels;
  readonly samples: readonly Sample[];
}

const STALE_BITS = 0x7ff0000000000002n;
/** Buckets of the classic histogram, some written as older clients do. */
const BOUNDS = ['0.1', '0.5', '1', '2.5', '10', '+Inf'];

class Source {
  readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  between(low: number, high: number): number {
    return low + this.random() * (high - low);
  }

  times(uneven: boolean): number[] {
    return Array.from({ length: SCRAPES }, (_, i) => {
      const late = uneven ? Math.floor(this.random() * 9000) : 0;
      return START_MS + i * SCRAPE_MS + late;
    });
  }

  /** Takes some samples away, and ends some runs with a stale marker. */
  broken(samples: readonly Sample[], gaps: boolean): Sample[] {
    if (!gaps) return [...samples];
    const out: Sample[] = [];
    let missing = 0;
    for (const [timeMs, value] of samples) {
      if (missing > 0) {
        missing--;
        continue;
      }
      if (this.random() < 0.012) {
        missing = Math.floor(this.between(1, 60));
        if (this.random() < 0.6) out.push([timeMs, 'stale']);
        continue;
      }
      out.push([timeMs, value]);
    }
    return out;
  }

  counter(step: number, resets: boolean): Sample[] {
    let value = Math.floor(this.between(0, 1000));
    return this.times(this.random() < 0.4).map((timeMs) => {
      value += this.random() < 0.2 ? 0 : Math.floor(this.random() * step);
      if (resets && this.random() < 0.008) value = Math.floor(this.random() * 5);
      return [timeMs, value];
    });
  }

  gauge(scale: number, odd: boolean): Sample[] {
    let value = this.between(-scale, scale);
    return this.times(this.random() < 0.4).map((timeMs) => {
      value += this.between(-scale, scale) / 10;
      const roll = this.random();
      if (odd && roll < 0.03) return [timeMs, Number.NaN];
      if (odd && roll < 0.04) return [timeMs, Number.POSITIVE_INFINITY];
      if (odd && roll < 0.05) return [timeMs, Number.NEGATIVE_INFINITY];
      if (odd && roll < 0.08) return [timeMs, 0];
      return [timeMs, roll < 0.5 ? value : Math.round(value)];
    });
  }
}

function counters(source: Source): Series[] {
  const out: Series[] = [];
  for (const job of ['api', 'web', 'db']) {
    for (const instance of ['a:1', 'b:2']) {
      for (const code of ['200', '404', '500']) {
        const samples = source.broken(
          source.counter(code === '200' ? 40 : 4, instance === 'b:2'),
          code !== '200',
        );
        out.push({ labels: { __name__: 'requests_total', job, instance, code }, samples });
      }
    }
  }
  return out;
}

function gauges(source: Source): Series[] {
  const out: Series[] = [];
  for (const [i, job] of ['api', 'web', 'db'].entries()) {
    for (const instance of ['a:1', 'b:2']) {
      const at = { job, instance };
      out.push({ labels: { __name__: 'temperature', ...at }, samples: source.gauge(30, i === 1) });
      out.push({
        labels: { __name__: 'load', ...at, mode: 'user' },
        samples: source.broken(source.gauge(1, false), i === 2),
      });
      out.push({
        labels: { __name__: 'load', ...at, mode: 'system' },
        samples: source.gauge(10 ** (i * 6), false),
      });
      out.push({
        labels: { __name__: 'up', ...at },
        samples: source.times(false).map((timeMs): Sample => [timeMs, source.random() < 0.05 ? 0 : 1]),
      });
      out.push({
        labels: { __name__: 'target_info', ...at, version: `v${i}`, 'os.name': 'linux' },
        samples: source.broken(
          source.times(false).map((timeMs): Sample => [timeMs, 1]),
          i === 0,
        ),
      });
      out.push({
        labels: { __name__: 'started_seconds', ...at },
        samples: source
          .times(false)
          .map((timeMs): Sample => [timeMs, START_MS / 1000 - 86_400 * 37 * (i + 1) + 0.25]),
      });
    }
  }
  out.push({
    labels: { __name__: 'room.temperature', 'room name': 'nord', job: 'api' },
    samples: source.gauge(5, false),
  });
  out.push({
    labels: { __name__: 'room.temperature', 'room name': 'süd', job: 'web' },
    samples: source.gauge(5, false),
  });
  return out;
}

function classicHistograms(source: Source): Series[] {
  const out: Series[] = [];
  for (const job of ['api', 'web']) {
    for (const instance of ['a:1', 'b:2']) {
      const counts = BOUNDS.map(() => 0);
      let sum = 0;
      const rows = source.times(false).map((timeMs) => {
        const seen = Math.floor(source.random() * 20);
        for (let i = 0; i < seen; i++) {
          const value = -Math.log(1 - source.random());
          sum += value;
          BOUNDS.forEach((le, b) => {
            if (value <= Number(le.replace('+Inf', 'Infinity'))) counts[b]!++;
          });
        }
        if (source.random() < 0.006) {
          counts.fill(0);
          sum = 0;
        }
        return { timeMs, counts: [...counts], sum };
      });
      const labels = { job, instance };
      BOUNDS.forEach((le, b) => {
        out.push({
          labels: { __name__: 'latency_seconds_bucket', ...labels, le },
          samples: rows.map(({ timeMs, counts: all }): Sample => [timeMs, all[b]!]),
        });
      });
      out.push({
        labels: { __name__: 'latency_seconds_sum', ...labels },
        samples: rows.map((row): Sample => [row.timeMs, row.sum]),
      });
      out.push({
        labels: { __name__: 'latency_seconds_count', ...labels },
        samples: rows.map((row): Sample => [row.timeMs, row.counts.at(-1)!]),
      });
    }
  }
  return out;
}

interface Native {
  readonly schema: number;
  readonly sum: number;
  readonly zeroCount: number;
  readonly positive: readonly number[];
  readonly negative: readonly number[];
  readonly offset: number;
  readonly bounds: readonly number[];
  readonly gauge: boolean;
}

/** remote write 1.0's message Histogram with integer counts. */
function native(h: Native, timeMs: number): Message {
  const total = [...h.positive, ...h.negative].reduce((sum, n) => sum + n, h.zeroCount);
  const spans = (buckets: readonly number[], offset: number): Message =>
    new Message().sint(1, offset).varint(2, buckets.length);
  const deltas = (buckets: readonly number[]): number[] =>
    buckets.map((count, i) => count - (buckets[i - 1] ?? 0));
  const message = new Message().varint(1, total).double(3, h.sum).sint(4, h.schema);
  if (h.bounds.length === 0) message.double(5, 0.001).varint(6, h.zeroCount);
  if (h.negative.length > 0) message.bytes(8, spans(h.negative, h.offset)).packedSints(9, deltas(h.negative));
  if (h.positive.length > 0)
    message
      .bytes(11, spans(h.positive, h.bounds.length > 0 ? 0 : h.offset))
      .packedSints(12, deltas(h.positive));
  message.varint(14, h.gauge ? 3 : 0).varint(15, timeMs);
  if (h.bounds.length > 0) message.packedDoubles(16, h.bounds);
  return message;
}

const RESET_TO = 200;

function staleHistogram(timeMs: number): Message {
  return new Message().varint(1, 0).fixed64(3, STALE_BITS).varint(15, timeMs);
}

function nativeHistograms(source: Source): Series[] {
  const out: Series[] = [];
  const kinds = [
    { name: 'size_bytes', schema: 1, bounds: [] },
    { name: 'size_bytes', schema: 0, bounds: [] },
    { name: 'pause_seconds', schema: -53, bounds: [0.5, 1, 2, 5] },
    { name: 'pause_seconds', schema: -53, bounds: [0.5, 1, 2, 5] },
    { name: 'queue_sizes', schema: 2, bounds: [] },
  ];
  for (const [i, { name, schema, bounds }] of kinds.entries()) {
    const custom = bounds.length > 0;
    const gauge = name === 'queue_sizes';
    // Counters stay far from zero, see random-query.ts.
    let positive = new Array<number>(custom ? bounds.length + 1 : 6).fill(RESET_TO);
    let negative = new Array<number>(custom ? 0 : 2).fill(RESET_TO);
    let [zeroCount, sum] = [0, 0];
    const samples = source.times(false).map((timeMs): Sample => {
      if (gauge || source.random() < 0.006) {
        positive = positive.map(() => (gauge ? 0 : RESET_TO));
        negative = negative.map(() => (gauge ? 0 : RESET_TO));
        [zeroCount, sum] = [0, 0];
      }
      positive = positive.map((n) => n + Math.floor(source.random() * 4));
      negative = negative.map((n) => n + Math.floor(source.random() * 2));
      if (!custom) zeroCount += Math.floor(source.random() * 2);
      sum += source.between(0, 10);
      return [
        timeMs,
        native({ schema, sum, zeroCount, positive, negative, offset: 1, bounds, gauge }, timeMs),
      ];
    });
    // A marker among histograms is one itself: receivers take a message's floats before its histograms.
    const broken = source
      .broken(samples, i % 2 === 1)
      .map(([timeMs, value]): Sample => [timeMs, value === 'stale' ? staleHistogram(timeMs) : value]);
    out.push({ labels: { __name__: name, job: 'api', instance: `h:${i}` }, samples: broken });
  }
  return out;
}

/** In order of labels; native histograms come last from the source, so that the others are the same without them. */
export function paritySeries(seed: number, withNative: boolean): Series[] {
  const source = new Source(seed);
  const all = [...counters(source), ...gauges(source), ...classicHistograms(source)];
  if (withNative) all.push(...nativeHistograms(source));
  const key = ({ labels }: Series): string =>
    Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flat()
      .join('\u0000');
  return all.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** A snappy body of remote write 1.0. */
export function writeBody(series: readonly Series[]): Buffer {
  const request = new Message();
  for (const { labels, samples } of series) {
    const message = new Message();
    const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, value] of pairs) message.bytes(1, new Message().bytes(1, name).bytes(2, value));
    for (const [timeMs, value] of samples) {
      if (value instanceof Message) message.bytes(4, value);
      else if (value === 'stale') message.bytes(2, new Message().fixed64(1, STALE_BITS).varint(2, timeMs));
      else message.bytes(2, new Message().double(1, value).varint(2, timeMs));
    }
    request.bytes(1, message);
  }
  return snappy(request.done());
}
