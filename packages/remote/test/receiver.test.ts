import { type FeedEvent, isStale, Matcher } from '@watchroom/model';
import {
  ManualClock,
  MemoryStore,
  Message,
  type SeriesToSend,
  snappy,
  writeRequest,
} from '@watchroom/testkit';
import { expect, test } from 'vitest';
import { RemoteWriteReceiver, type WriteAnswer } from '../src/index.ts';
import { Wire } from '../src/wire.ts';

const T0 = 1_760_000_000_000;

function world() {
  const store = new MemoryStore();
  const feeds: FeedEvent[] = [];
  const receiver = new RemoteWriteReceiver({
    clock: new ManualClock(),
    appendable: store,
    onFeed: (event) => feeds.push(event),
  });
  const post = (message: Message, contentType?: string): WriteAnswer =>
    receiver.receive({
      body: snappy(message.done()),
      contentType,
      contentEncoding: 'snappy',
      receivedAtMs: T0,
    });
  const send = (...series: SeriesToSend[]): WriteAnswer => post(writeRequest(series));
  const stored = (): Record<string, (readonly [number, number])[]> =>
    Object.fromEntries(
      store
        .select([new Matcher('__name__', '=~', '.+')], {
          startMs: 0,
          endMs: 9e15,
          stepMs: 0,
          rangeMs: 0,
          func: '',
        })
        .map(({ labels, timestamps, values }) => [
          labels.toString(),
          [...timestamps].map((timeMs, i) => [timeMs, values[i]!] as const),
        ]),
    );
  return { store, feeds, receiver, post, send, stored };
}

test('samples of several series arrive, again and by the bytes of their labels', () => {
  const { send, stored, receiver } = world();
  const a = [
    ['__name__', 'a_total'],
    ['job', 'x'],
  ] as const;
  const b = [
    ['__name__', 'b'],
    ['job', 'äöü'],
  ] as const;
  const first = send(
    {
      labels: a,
      samples: [
        [T0, 1],
        [T0 + 1000, 2.5],
      ],
    },
    { labels: b, samples: [[T0, -7]] },
  );
  const second = send({ labels: a, samples: [[T0 + 2000, 3]] });
  expect(first).toEqual({ status: 204, message: '', samples: 3, histograms: 0, exemplars: 0 });
  expect(second.samples).toBe(1);
  expect(stored()).toEqual({
    'a_total{job="x"}': [
      [T0, 1],
      [T0 + 1000, 2.5],
      [T0 + 2000, 3],
    ],
    'b{job="äöü"}': [[T0, -7]],
  });
  expect(receiver.stats().cachedSeries).toBe(2);
});

test('a stale marker keeps its bits and an ordinary NaN is none', () => {
  const { post, stored } = world();
  const sample = (timeMs: number, bits: bigint): Message => new Message().fixed64(1, bits).varint(2, timeMs);
  const name = new Message().bytes(1, '__name__').bytes(2, 'm');
  const series = new Message()
    .bytes(1, name)
    .bytes(2, sample(T0, 0x7ff0000000000002n))
    .bytes(2, sample(T0 + 1, 0x7ff8000000000001n));
  expect(post(new Message().bytes(1, series)).samples).toBe(2);
  expect(stored()['m']!.map(([, value]) => [Number.isNaN(value), isStale(value)])).toEqual([
    [true, true],
    [true, false],
  ]);
});

test('what landed is told once a request, with one shared set of names for requests alike', () => {
  const { send, feeds } = world();
  const labels = [['__name__', 'm']] as const;
  send({
    labels,
    samples: [
      [T0, 1],
      [T0 + 10, 2],
    ],
  });
  send({ labels, samples: [[T0 + 20, 1]] });
  send({ labels, samples: [[T0 + 1, 1]] });
  expect(feeds).toHaveLength(2);
  expect(feeds[0]).toMatchObject({ sampleTimeMs: T0 + 10, oldestTimeMs: T0, source: 'write' });
  expect([...feeds[0]!.metricNames]).toEqual(['m']);
  expect(feeds[1]!.metricNames).toBe(feeds[0]!.metricNames);
});

test('a body that decodes to more than is allowed is too large, not malformed', () => {
  const receiver = new RemoteWriteReceiver({
    clock: new ManualClock(),
    appendable: new MemoryStore(),
    limits: { decodedBytes: 1000 },
  });
  const body = snappy(Buffer.alloc(1001));
  const headers = { contentType: undefined, contentEncoding: 'snappy', receivedAtMs: T0 };
  expect(receiver.receive({ body, ...headers })).toMatchObject({
    status: 413,
    message: 'the request decodes to 1001 bytes, more than 1000; send smaller requests',
  });
});

test.each([
  [2n ** 63n - 1n, 2 ** 63],
  [2n ** 63n - 500n, 2 ** 63],
  [2n ** 53n, 2 ** 53],
  [-1n, -1],
  [-(2n ** 63n), -(2 ** 63)],
])('a time of %s is read with its sign', (sent, read) => {
  let value = BigInt.asUintN(64, sent);
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  bytes.push(Number(value));
  const wire = new Wire();
  wire.reset(Buffer.from(bytes));
  expect(wire.int64(bytes.length)).toBe(read);
});

test('a long request is taken in turns, those behind it wait for it, and their answers are their own', async () => {
  /** Each look takes a millisecond. */
  class TickingClock extends ManualClock {
    #ticks = 0;

    override monotonic(): number {
      return this.#ticks++;
    }
  }
  const store = new MemoryStore();
  const receiver = new RemoteWriteReceiver({ clock: new TickingClock(), appendable: store });
  const bodyOf = (name: string, count: number) => {
    const series = Array.from({ length: count }, (_, i) => ({
      labels: [
        ['__name__', name],
        ['i', `${i}-${'x'.repeat(40)}`],
      ] as const,
      samples: [[T0, i]] as const,
    }));
    return snappy(writeRequest(series).done());
  };
  const ask = (name: string, count: number) =>
    receiver.take({
      body: bodyOf(name, count),
      contentType: undefined,
      contentEncoding: 'snappy',
      receivedAtMs: T0,
    });
  let turns = 0;
  let isOver = false;
  const others = (): void => {
    if (isOver) return;
    turns++;
    setImmediate(others);
  };
  const ended: string[] = [];
  const all = [
    ask('long', 20_000).finally(() => ended.push('long')),
    ask('short', 1).finally(() => ended.push('short')),
    ask('long', 20_000).finally(() => ended.push('again')),
  ];
  setImmediate(others);
  const answers = await Promise.all(all);
  isOver = true;
  expect(turns).toBeGreaterThan(10);
  expect(ended).toEqual(['long', 'short', 'again']);
  expect(answers.map(({ status, samples }) => [status, samples])).toEqual([
    [204, 20_000],
    [204, 1],
    [204, 20_000],
  ]);
  await expect(ask('short', 1)).resolves.toMatchObject({ status: 204 });
});
