/** Native histograms and exemplars on their way from a target to the store. */
import type { RequestListener } from 'node:http';
import { isStale, Matcher, type NativeHistogram, type SeriesExemplars } from '@watchroom/model';
import { bucket, delimited, exemplar, type Field, family, label, span } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { job, type Rig, rig, START_MS, serve, text } from './harness.ts';

const NATIVE = ['scrape_native_histograms: true'];

function protobuf(body: () => Uint8Array, seen: (accept: string) => void = () => {}): RequestListener {
  return (request, response) => {
    seen(request.headers.accept ?? '');
    response.setHeader(
      'content-type',
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
    );
    response.end(body());
  };
}

function openMetrics(body: () => string): RequestListener {
  return (_request, response) => {
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0');
    response.end(body());
  };
}

/** A histogram of schema 2 whose buckets 1 … n each have one observation. */
function histogram(buckets: number, ...more: readonly Field[]): Field {
  const deltas = Array.from({ length: buckets }, (_, i) => (i === 0 ? 1 : 0));
  return [
    7,
    'message',
    [
      [1, 'uint', buckets],
      [2, 'double', buckets],
      [5, 'sint', 2],
      span(12, 1, buckets),
      [13, 'packed sint', deltas],
      ...more,
    ],
  ];
}

const body = (...fields: readonly Field[]): Uint8Array => delimited([family('h', 4, [fields])]);

/** What the store has of a histogram series. */
function stored(scraped: Rig, name = 'h'): (NativeHistogram | 'stale' | number)[] {
  const hints = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER, stepMs: 0, rangeMs: 0, func: '' };
  const [series] = scraped.store.select([new Matcher('__name__', '=', name)], hints);
  return [...(series?.values ?? [])].map(
    (value, i) => series?.histograms?.[i] ?? (isStale(value) ? 'stale' : value),
  );
}

function exemplars(scraped: Rig, name: string): readonly SeriesExemplars[] {
  const range = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER };
  return scraped.store.exemplars([[new Matcher('__name__', '=', name)]], range);
}

describe('native histograms', () => {
  it('of a body whose labels change in place are not taken for those of the body before', async () => {
    let code = 1;
    const address = await serve(protobuf(() => body(label('code', String(code++)), histogram(3))));
    const scraped = await rig(job(address, NATIVE));
    for (let i = 0; i < 3; i++) await scraped.cycle();
    expect(scraped.series('h', { code: '1' })).toHaveLength(2);
    expect(scraped.series('h', { code: '3' })).toHaveLength(1);
  });

  it('are asked for first, stored, and end with a marker', async () => {
    const accepts: string[] = [];
    const bodies = [body(histogram(3)), body(histogram(4)), new Uint8Array(0)];
    const address = await serve(
      protobuf(
        () => bodies.shift()!,
        (accept) => accepts.push(accept),
      ),
    );
    const scraped = await rig(job(address, NATIVE));
    for (let i = 0; i < 3; i++) await scraped.cycle();
    expect(accepts[0]).toMatch(/^application\/vnd\.google\.protobuf;.*;q=0\.6,application\/openmetrics/);
    expect(stored(scraped)).toMatchObject([{ count: 3, schema: 2 }, { count: 4 }, 'stale']);
    expect(scraped.values('scrape_samples_scraped')).toEqual([1, 1, 0]);
    expect(scraped.values('scrape_series_added')).toEqual([1, 0, 0]);
  });

  it('are classic ones where the job does not take them', async () => {
    const address = await serve(protobuf(() => body(histogram(3))));
    const scraped = await rig(job(address));
    await scraped.cycle();
    expect([stored(scraped), scraped.values('h_count')]).toEqual([[], [3]]);
    expect(scraped.values('scrape_samples_scraped')).toEqual([3]);
  });

  it('come with their classic buckets where those are wanted too', async () => {
    const address = await serve(protobuf(() => body(histogram(3, bucket(1, 2)))));
    const scraped = await rig(job(address, [...NATIVE, 'always_scrape_classic_histograms: true']));
    await scraped.cycle();
    expect([stored(scraped).length, scraped.values('h_bucket', { le: '1.0' })]).toEqual([1, [2]]);
    expect(scraped.values('scrape_samples_scraped')).toEqual([5]);
  });

  it('pass relabelling and limits as one sample each', async () => {
    const two = delimited([
      family('h', 4, [
        [label('x', '1'), histogram(1)],
        [label('x', '2'), histogram(1)],
      ]),
    ]);
    const address = await serve(protobuf(() => two));
    const dropping = 'metric_relabel_configs: [{source_labels: [x], regex: "1", action: drop}]';
    const kept = await rig(job(address, [...NATIVE, dropping, 'sample_limit: 1']));
    await kept.cycle();
    expect([stored(kept).length, kept.values('up')]).toEqual([1, [1]]);
    expect(kept.values('scrape_samples_post_metric_relabeling')).toEqual([1]);
    const over = await rig(job(address, [...NATIVE, 'sample_limit: 1']));
    await over.cycle();
    expect(over.manager.targets()[0]!.lastError).toBe('sample limit exceeded');
  });

  it('are made coarser to keep to the limits, or fail the scrape', async () => {
    const address = await serve(protobuf(() => body(histogram(16))));
    const coarse = await rig(job(address, [...NATIVE, 'native_histogram_bucket_limit: 4']));
    await coarse.cycle();
    expect(stored(coarse)).toMatchObject([{ schema: 0, positiveBuckets: [4, 4, 4, 4] }]);
    const factor = await rig(job(address, [...NATIVE, 'native_histogram_min_bucket_factor: 2']));
    await factor.cycle();
    expect(stored(factor)).toMatchObject([{ schema: 0 }]);
    const both = delimited([
      family('h', 4, [
        [[7, 'message', [[1, 'uint', 2], span(9, 0, 1), [10, 'sint', 1], span(12, 0, 1), [13, 'sint', 1]]]],
      ]),
    ]);
    const tight = await serve(protobuf(() => both));
    const failed = await rig(job(tight, [...NATIVE, 'native_histogram_bucket_limit: 1']));
    await failed.cycle();
    expect(failed.manager.targets()[0]!.lastError).toBe('histogram bucket limit exceeded');
    expect([stored(failed), failed.counts.get('limit native_histogram_buckets')]).toEqual([[], 1]);
  });

  it('a body that is cut fails the scrape with the family and the reason', async () => {
    const address = await serve(protobuf(() => body(histogram(3)).subarray(0, -5)));
    const scraped = await rig(job(address, NATIVE));
    await scraped.cycle();
    expect(scraped.manager.targets()[0]!.lastError).toMatch(/^message 1: insufficient length of buffer/);
  });

  it('are made of classic ones on request', async () => {
    const lines = [
      '# TYPE h histogram',
      'h_bucket{le="1"} 2',
      'h_bucket{le="+Inf"} 3',
      'h_sum 4',
      'h_count 3',
      '',
    ];
    const address = await serve(text(() => lines.join('\n')));
    const scraped = await rig(job(address, ['convert_classic_histograms_to_nhcb: true']));
    await scraped.cycle();
    await scraped.cycle();
    expect(stored(scraped)).toMatchObject([{ customBounds: [1], positiveBuckets: [2, 1] }, { count: 3 }]);
    expect(scraped.values('h_count')).toEqual([]);
    expect(scraped.values('scrape_samples_scraped')).toEqual([1, 1]);
    expect(scraped.values('scrape_series_added')).toEqual([1, 0]);
  });
});

describe('exemplars', () => {
  it('of text go with their series; without a time they have the sample’s', async () => {
    const line = 'a_total{b="c"} 1 # {trace_id="ünï"} 0.5';
    const bodies = [`${line}\n# EOF\n`, `${line} 1600000000.5\n# EOF\n`, `${line} 1600000000\n# EOF\n`];
    const address = await serve(openMetrics(() => bodies.shift()!));
    const scraped = await rig(job(address));
    for (let i = 0; i < 3; i++) await scraped.cycle();
    const [only] = exemplars(scraped, 'a_total');
    const [first] = scraped.series('a_total');
    expect(only!.labels.get('b')).toBe('c');
    expect(only!.exemplars.map(({ labels, timeMs }) => [labels.get('trace_id'), timeMs - START_MS])).toEqual([
      ['ünï', first![0]],
    ]);
    expect([scraped.counts.get('exemplar ok'), scraped.counts.get('exemplar out_of_order')]).toEqual([1, 2]);
  });

  it('that are too long are counted and left out; the sample stays', async () => {
    const address = await serve(openMetrics(() => `a_total 1 # {t="${'x'.repeat(200)}"} 1\n# EOF\n`));
    const scraped = await rig(job(address));
    await scraped.cycle();
    expect([scraped.values('a_total'), scraped.counts.get('exemplar too_long')]).toEqual([[1], 1]);
  });

  it('of native histograms are late only when all are', async () => {
    const first = [exemplar(16, 'b', 1, 20), exemplar(16, 'a', 1, 10)];
    const bodies = [first, [exemplar(16, 'a', 1, 10), exemplar(16, 'c', 1, 30)], [exemplar(16, 'a', 1, 10)]];
    const address = await serve(protobuf(() => body(histogram(1, ...bodies.shift()!))));
    const scraped = await rig(job(address, NATIVE));
    for (let i = 0; i < 3; i++) await scraped.cycle();
    expect(exemplars(scraped, 'h')[0]!.exemplars.map(({ timeMs }) => timeMs)).toEqual([
      10_500, 20_500, 30_500,
    ]);
    expect([scraped.counts.get('exemplar ok'), scraped.counts.get('exemplar out_of_order')]).toEqual([3, 1]);
  });
});
