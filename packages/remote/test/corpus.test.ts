/** Messages that others have written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Matcher } from '@watchroom/model';
import { corpusFolder, ManualClock, MemoryStore, Message, snappy } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { RemoteWriteReceiver } from '../src/index.ts';

interface Series {
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly samples?: readonly { readonly value: number; readonly timestamp: number }[];
  readonly histograms?: readonly {
    readonly count_float: number;
    readonly sum: number;
    readonly schema: number;
    readonly zero_threshold: number;
    readonly positive_spans: readonly { readonly offset: number; readonly length: number }[];
    readonly positive_counts: readonly number[];
    readonly negative_spans: readonly { readonly offset: number; readonly length: number }[];
    readonly negative_counts: readonly number[];
    readonly timestamp: number;
  }[];
}

const folder = corpusFolder('remote-write');
if (!folder) console.log('the corpus remote-write is absent: passing on');

function marshal(series: Series): Message {
  const message = new Message();
  for (const { name, value } of series.labels) message.bytes(1, new Message().bytes(1, name).bytes(2, value));
  for (const { value, timestamp } of series.samples ?? [])
    message.bytes(2, new Message().double(1, value).varint(2, timestamp));
  for (const one of series.histograms ?? []) {
    const histogram = new Message()
      .double(2, one.count_float)
      .double(3, one.sum)
      .sint(4, one.schema)
      .double(5, one.zero_threshold);
    for (const { offset, length } of one.negative_spans)
      histogram.bytes(8, new Message().sint(1, offset).varint(2, length));
    histogram.packedDoubles(10, one.negative_counts);
    for (const { offset, length } of one.positive_spans)
      histogram.bytes(11, new Message().sint(1, offset).varint(2, length));
    message.bytes(4, histogram.packedDoubles(13, one.positive_counts).varint(15, one.timestamp));
  }
  return message;
}

function receive(body: Uint8Array) {
  const store = new MemoryStore();
  const receiver = new RemoteWriteReceiver({ clock: new ManualClock(), appendable: store });
  const answer = receiver.receive({
    body: snappy(body),
    contentType: 'application/x-protobuf',
    contentEncoding: 'snappy',
    receivedAtMs: 0,
  });
  const range = { startMs: 0, endMs: 9e15, stepMs: 0, rangeMs: 0, func: '' };
  return { answer, stored: store.select([new Matcher('__name__', '=~', '.+')], range) };
}

describe.skipIf(!folder)('corpus of remote write', () => {
  it.each(['simple', 'benchmark', 'float_histogram'])('telegraf %s', (name) => {
    const text = readFileSync(join(folder!, 'telegraf', name, 'input.json'), 'utf8');
    const { timeseries } = JSON.parse(text) as { timeseries: Series[] };
    const message = new Message();
    for (const series of timeseries) message.bytes(1, marshal(series));
    const { answer, stored } = receive(message.done());
    const samples = timeseries.flatMap((one) => one.samples ?? []).length;
    const histograms = timeseries.flatMap((one) => one.histograms ?? []).length;
    expect(answer).toEqual({ status: 204, message: '', samples, histograms, exemplars: 0 });
    for (const { labels, samples: sent = [], histograms: sentHistograms = [] } of timeseries) {
      const found = stored.find((one) =>
        labels.every(({ name: key, value }) => one.labels.get(key) === value),
      );
      const times = [...sent, ...sentHistograms].map(({ timestamp }) => timestamp);
      expect(found && [...found.timestamps]).toEqual(times);
      sent.forEach(({ value }, i) => {
        expect(found!.values[i]).toBe(value);
      });
      for (const { count_float: count, positive_counts: positiveBuckets, sum } of sentHistograms)
        expect(found!.histograms?.[0]).toMatchObject({ count, sum, positiveBuckets });
    }
  });

  it('cmetrics', () => {
    const { answer, stored } = receive(readFileSync(join(folder!, 'cmetrics-write-request.bin')));
    expect(answer).toMatchObject({ status: 204, message: '' });
    expect(answer.samples).toBe(stored.reduce((sum, { values }) => sum + values.length, 0));
    expect(answer.samples).toBeGreaterThan(0);
    console.log('remote-write corpus: 4 messages of 4');
  });
});
