import { type Appendable, type Appender, Matcher, NO_SERIES } from '@watchroom/model';
import { ManualClock, MemoryStore, Message, snappy } from '@watchroom/testkit';
import { expect, test } from 'vitest';
import { RemoteWriteReceiver, type WriteAnswer } from '../src/index.ts';

const T0 = 1_760_000_000_000;
const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

/** Gives texts their places in a request's table. */
class Symbols {
  readonly texts: string[] = [''];

  ref(text: string): number {
    const at = this.texts.indexOf(text);
    return at < 0 ? this.texts.push(text) - 1 : at;
  }

  refs(labels: Readonly<Record<string, string>>): number[] {
    return Object.entries(labels).flatMap((pair) => pair.map((text) => this.ref(text)));
  }
}

function world(appendableOf: (store: MemoryStore) => Appendable = (store) => store) {
  const store = new MemoryStore();
  const receiver = new RemoteWriteReceiver({ clock: new ManualClock(), appendable: appendableOf(store) });
  const post = (message: Message, contentType = V2): WriteAnswer => {
    const body = snappy(message.done());
    return receiver.receive({ body, contentType, contentEncoding: 'snappy', receivedAtMs: T0 });
  };
  const range = { startMs: 0, endMs: 9e15, stepMs: 0, rangeMs: 0, func: '' };
  const stored = () => store.select([new Matcher('__name__', '=~', '.+')], range);
  return { store, receiver, post, stored };
}

function request(symbols: Symbols, ...series: Message[]): Message {
  const message = new Message();
  for (const text of symbols.texts) message.bytes(4, text);
  for (const one of series) message.bytes(5, one);
  return message;
}

const sample = (timeMs: number, value: number): Message => new Message().double(1, value).varint(2, timeMs);

test('samples and exemplars by symbols, whose places differ from request to request', () => {
  const { post, stored, store, receiver } = world();
  const labels = { __name__: 'requests_total', job: 'x' };
  const first = new Symbols();
  const series = new Message()
    .packedVarints(1, first.refs(labels))
    .bytes(2, sample(T0, 1))
    .bytes(2, sample(T0 + 1000, 2))
    .bytes(
      4,
      new Message()
        .packedVarints(1, first.refs({ trace_id: 'abc' }))
        .double(2, 0.5)
        .varint(3, T0),
    );
  expect(post(request(first, series))).toEqual({
    status: 204,
    message: '',
    samples: 2,
    histograms: 0,
    exemplars: 1,
  });
  const second = new Symbols();
  second.ref('something before');
  const again = new Message().packedVarints(1, second.refs(labels)).bytes(2, sample(T0 + 2000, 3));
  expect(post(request(second, again)).samples).toBe(1);
  expect(stored().map(({ labels: set, values }) => [set.toString(), [...values]])).toEqual([
    ['requests_total{job="x"}', [1, 2, 3]],
  ]);
  expect(receiver.stats().cachedSeries).toBe(1);
  const [found] = store.exemplars([[new Matcher('job', '=', 'x')]], { startMs: 0, endMs: 9e15 });
  expect(found?.exemplars.map(({ labels: set, value, timeMs }) => [set.toString(), value, timeMs])).toEqual([
    ['{trace_id="abc"}', 0.5, T0],
  ]);
});

const integerHistogram = (count: number): Message =>
  new Message()
    .varint(1, count)
    .double(3, 158.63)
    .sint(4, 0)
    .double(5, 0.001)
    .varint(6, 1)
    .bytes(11, new Message().sint(1, -1).varint(2, 2))
    .bytes(11, new Message().sint(1, 2).varint(2, 1))
    .packedSints(12, [2, -1, 3])
    .varint(14, 2)
    .varint(15, T0);

test('native histograms: integers as differences, floats, custom bounds', () => {
  const { post, stored } = world();
  const symbols = new Symbols();
  const floats = new Message()
    .double(2, 3.5)
    .double(3, 9)
    .sint(4, -53)
    .bytes(11, new Message().varint(2, 3))
    .packedDoubles(13, [1, 0.5, 2])
    .packedDoubles(16, [0.1, 1])
    .varint(15, T0);
  const answer = post(
    request(
      symbols,
      new Message().packedVarints(1, symbols.refs({ __name__: 'a' })).bytes(3, integerHistogram(8)),
      new Message().packedVarints(1, symbols.refs({ __name__: 'b' })).bytes(3, floats),
    ),
  );
  expect(answer).toMatchObject({ status: 204, histograms: 2, samples: 0 });
  const [a, b] = stored().map(({ histograms }) => histograms?.[0]);
  expect(a).toMatchObject({
    count: 8,
    zeroCount: 1,
    positiveSpans: [
      { offset: -1, length: 2 },
      { offset: 2, length: 1 },
    ],
    positiveBuckets: [2, 1, 4],
    resetHint: 'not_reset',
  });
  expect(b).toMatchObject({ schema: -53, count: 3.5, positiveBuckets: [1, 0.5, 2], customBounds: [0.1, 1] });
});

test('what is valid is written, the rest is named with status 400', () => {
  const { post, stored } = world();
  const symbols = new Symbols();
  const good = new Message().packedVarints(1, symbols.refs({ __name__: 'good' })).bytes(2, sample(T0, 1));
  const wrongCount = new Message()
    .packedVarints(1, symbols.refs({ __name__: 'h' }))
    .bytes(3, integerHistogram(9));
  const empty = new Message().packedVarints(1, symbols.refs({ __name__: 'empty' }));
  const nameless = new Message().packedVarints(1, symbols.refs({ job: 'x' })).bytes(2, sample(T0, 1));
  const odd = new Message().packedVarints(1, [1]).bytes(2, sample(T0, 1));
  const outside = new Message().packedVarints(1, [1, 99]).bytes(2, sample(T0, 1));
  const answer = post(request(symbols, good, wrongCount, empty, nameless, odd, outside));
  expect(answer).toMatchObject({ status: 400, samples: 1, histograms: 0 });
  expect(answer.message.split('\n')).toEqual([
    'invalid metric name or labels, got {job="x"}',
    'labels_refs [1] of a series do not fit 7 symbols or are odd in number',
    'labels_refs [1 99] of a series do not fit 7 symbols or are odd in number',
    '8 observations found in buckets, but the Count field is 9: histogram\'s observation count should equal the number of observations found in the buckets (in absence of NaN) for series {__name__="h"}',
    'TimeSeries must contain at least one sample or histogram for series {__name__="empty"}',
  ]);
  expect(stored().map(({ labels }) => labels.metricName)).toEqual(['good']);
});

test('exemplars out of order are a fault in 2.0', () => {
  const { post } = world();
  const send = (timeMs: number, exemplarMs: number) => {
    const symbols = new Symbols();
    const exemplar = new Message()
      .packedVarints(1, symbols.refs({ trace_id: 'x' }))
      .double(2, 1)
      .varint(3, exemplarMs);
    return post(
      request(
        symbols,
        new Message()
          .packedVarints(1, symbols.refs({ __name__: 'm' }))
          .bytes(2, sample(timeMs, 1))
          .bytes(4, exemplar),
      ),
    );
  };
  expect(send(T0, T0)).toMatchObject({ status: 204, exemplars: 1 });
  expect(send(T0 + 1, T0 - 1)).toMatchObject({
    status: 400,
    samples: 1,
    exemplars: 0,
    message: 'out of order exemplar for series {__name__="m"}',
  });
});

test('exemplars in a series of their own, as Prometheus sends them, are no fault', () => {
  const { post, store } = world();
  const symbols = new Symbols();
  const series = (name: string) => new Message().packedVarints(1, symbols.refs({ __name__: name }));
  const exemplar = (timeMs: number) =>
    new Message()
      .packedVarints(1, symbols.refs({ trace_id: 'x' }))
      .double(2, 1)
      .varint(3, timeMs);
  const [m, own] = [series('m').bytes(2, sample(T0, 1)), series('m').bytes(4, exemplar(T0))];
  expect(post(request(symbols, m, own))).toMatchObject({
    status: 204,
    message: '',
    samples: 1,
    exemplars: 1,
  });
  expect(post(request(symbols, series('m').bytes(4, exemplar(T0 + 1))))).toMatchObject({
    status: 204,
    exemplars: 1,
  });
  expect(store.exemplars([[new Matcher('__name__', '=', 'm')]], { startMs: 0, endMs: 9e15 })).toHaveLength(1);
  const unknown = series('nobody').bytes(4, exemplar(T0));
  expect(post(request(symbols, unknown))).toMatchObject({
    status: 400,
    exemplars: 0,
    message: 'exemplar of a series without samples for series {__name__="nobody"}',
  });
});

test('an exemplar of a series that the store does not take is told as that', () => {
  const full = (store: MemoryStore): Appendable => ({
    appender: (): Appender => ({
      ...store.appender(),
      series: () => NO_SERIES,
      append: () => 'too_many_series',
      commit: () => {},
    }),
  });
  const { post } = world(full);
  const symbols = new Symbols();
  const exemplar = new Message()
    .packedVarints(1, symbols.refs({ trace_id: 'x' }))
    .double(2, 1)
    .varint(3, T0 + 1);
  const series = (name: string) => new Message().packedVarints(1, symbols.refs({ __name__: name }));
  const answer = post(
    request(
      symbols,
      series('m').bytes(2, sample(T0, 1)),
      series('m').bytes(4, exemplar),
      series('n').bytes(4, exemplar),
    ),
  );
  const words = 'the store has as many series as it may have ("watchroom: storage: max_series")';
  expect(answer).toMatchObject({ status: 400, samples: 0, exemplars: 0 });
  expect(answer.message.split('\n')).toEqual([
    `${words} (timestamp ${T0}) for series {__name__="m"}`,
    `${words} (timestamp ${T0 + 1}) for series {__name__="m"}`,
    'exemplar of a series without samples for series {__name__="n"}',
  ]);
});

test('metadata of both messages, by family', () => {
  const { post, receiver } = world();
  const symbols = new Symbols();
  const metadata = new Message()
    .varint(1, 3)
    .varint(3, symbols.ref('How long.'))
    .varint(4, symbols.ref('seconds'));
  post(
    request(
      symbols,
      new Message()
        .packedVarints(1, symbols.refs({ __name__: 'latency_seconds_bucket', le: '1' }))
        .bytes(2, sample(T0, 1))
        .bytes(5, metadata),
    ),
  );
  const old = new Message().varint(1, 1).bytes(2, 'hits_total').bytes(4, 'Hits.').bytes(5, '');
  post(new Message().bytes(3, old), 'application/x-protobuf');
  expect([...receiver.metadata()]).toEqual([
    ['latency_seconds', { type: 'histogram', help: 'How long.', unit: 'seconds' }],
    ['hits_total', { type: 'counter', help: 'Hits.', unit: '' }],
  ]);
});

test('a field of numbers without end is refused before it is read', () => {
  const { post } = world();
  const refs = new Message().bytes(1, Buffer.alloc(10_000, 1));
  expect(post(new Message().bytes(4, '').bytes(5, refs))).toMatchObject({
    status: 413,
    message: 'more than 8192 numbers in one field; send smaller requests',
  });
  const histogram = new Message().bytes(12, Buffer.alloc(70_000, 1));
  expect(post(new Message().bytes(4, '').bytes(5, new Message().bytes(3, histogram)))).toMatchObject({
    status: 413,
  });
});
