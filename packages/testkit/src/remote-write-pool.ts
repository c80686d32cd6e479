/** Remote write messages with something of everything: samples, histograms, exemplars and metadata, in both versions. */
import { Message, writeRequest } from './remote-write.ts';

const TIME_MS = 1_760_000_000_000;

export interface RemoteWritePool {
  readonly v1: readonly Buffer[];
  readonly v2: readonly Buffer[];
}

/** The samples' times are around `timeMs`. */
export function remoteWritePool(timeMs = TIME_MS): RemoteWritePool {
  const histograms = [integers(timeMs), floats(timeMs), customBounds(timeMs)];
  const label = (name: string, value: string): Message => new Message().bytes(1, name).bytes(2, value);
  const exemplar = new Message().bytes(1, label('trace_id', 'abc')).double(2, 0.5).varint(3, timeMs);
  const series = (i: number): Message =>
    new Message()
      .bytes(1, label('__name__', `metric_${i}`))
      .bytes(1, label('job', 'fuzz'))
      .bytes(2, new Message().double(1, i).varint(2, timeMs + i));
  const v1 = [
    ...[1, 3, 20].map((count) =>
      writeRequest(
        Array.from({ length: count }, (_, i) => ({
          labels: [
            ['__name__', `m${i}_total`],
            ['instance', `host-${i}:9100`],
            ['path', '/ä/ö'],
          ] as const,
          samples: [[timeMs + i, i] as const, [timeMs + i + 1000, i / 3] as const],
        })),
      ),
    ),
    ...histograms.map((histogram) => new Message().bytes(1, series(1).bytes(4, histogram))),
    new Message().bytes(1, series(2).bytes(3, exemplar)),
    new Message().bytes(3, new Message().varint(1, 3).bytes(2, 'm').bytes(4, 'Help.').bytes(5, 'seconds')),
  ].map((message) => message.done());
  return { v1, v2: v2(timeMs, histograms).map((message) => message.done()) };
}

function v2(timeMs: number, histograms: readonly Message[]): Message[] {
  const texts = ['', '__name__', 'metric', 'job', 'fuzz', 'trace_id', 'abc', 'Help.', 'seconds'];
  const request = (...series: Message[]): Message => {
    const message = new Message();
    for (const text of texts) message.bytes(4, text);
    for (const one of series) message.bytes(5, one);
    return message;
  };
  const labels = (): Message => new Message().packedVarints(1, [1, 2, 3, 4]);
  const sampled = (): Message => labels().bytes(2, new Message().double(1, 1).varint(2, timeMs));
  const exemplar = new Message().packedVarints(1, [5, 6]).double(2, 0.5).varint(3, timeMs);
  const metadata = new Message().varint(1, 1).varint(3, 7).varint(4, 8);
  return [
    request(sampled()),
    request(sampled().bytes(4, exemplar).bytes(5, metadata), sampled()),
    ...histograms.map((histogram) => request(labels().bytes(3, histogram).bytes(5, metadata))),
  ];
}

function integers(timeMs: number): Message {
  return new Message()
    .varint(1, 8)
    .double(3, 158.63)
    .sint(4, 0)
    .double(5, 0.001)
    .varint(6, 1)
    .bytes(8, new Message().sint(1, 0).varint(2, 0))
    .bytes(11, new Message().sint(1, -1).varint(2, 2))
    .bytes(11, new Message().sint(1, 2).varint(2, 1))
    .packedSints(12, [2, -1, 3])
    .varint(14, 2)
    .varint(15, timeMs);
}

function floats(timeMs: number): Message {
  return new Message()
    .double(2, 6.5)
    .double(3, 9)
    .sint(4, 3)
    .double(7, 0.5)
    .bytes(8, new Message().sint(1, -3).varint(2, 1))
    .packedDoubles(10, [2])
    .bytes(11, new Message().sint(1, 5).varint(2, 2))
    .packedDoubles(13, [1, 3])
    .varint(15, timeMs);
}

function customBounds(timeMs: number): Message {
  return new Message()
    .double(2, 3.5)
    .double(3, 9)
    .sint(4, -53)
    .bytes(11, new Message().varint(2, 3))
    .packedDoubles(13, [1, 0.5, 2])
    .packedDoubles(16, [0.1, 1])
    .varint(15, timeMs);
}
