/**
 * Nanoseconds a sample for decompressing, decoding and finding the series, into a store that keeps nothing: requests of
 * 1,000 series, with ten samples each in literals, and with one sample each in copies as Prometheus sends them.
 *   node bench/run.ts
 */
import { type Appendable, systemClock } from '@watchroom/model';
import { type SeriesToSend, snappy, writeRequest } from '@watchroom/testkit';
import { RemoteWriteReceiver } from '../src/index.ts';

const SERIES = 1000;
const ROUNDS = 200;
const START_MS = 1_760_000_000_000;

let sum = 0;
let refs = 0;
const nowhere: Appendable = {
  appender: () => ({
    series: () => ++refs,
    append(ref, timeMs, value) {
      sum += value + ref + timeMs;
      return 'ok';
    },
    appendHistogram: () => 'ok',
    appendExemplar: () => 'ok',
    commit() {},
    rollback() {},
  }),
};

function series(samples: number, round: number): SeriesToSend[] {
  return Array.from({ length: SERIES }, (_, i) => ({
    labels: [
      ['__name__', `http_request_duration_seconds_bucket_${i % 40}`],
      ['code', '200'],
      ['instance', `host-${String(i % 7).padStart(3, '0')}:9100`],
      ['job', 'bench'],
      ['le', '0.25'],
      ['route', `/api/v1/orders/${i}`],
      ['service', 'checkout'],
    ],
    samples: Array.from({ length: samples }, (_s, k) => [
      START_MS + (round * samples + k) * 15_000,
      i * 0.37 + round,
    ]),
  }));
}

function literals(bytes: Uint8Array): Buffer {
  const out: number[] = [];
  for (let left = bytes.length; ; left >>>= 7) {
    out.push(left < 128 ? left : (left & 127) | 128);
    if (left < 128) break;
  }
  const parts: Uint8Array[] = [Buffer.from(out)];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const part = bytes.subarray(at, at + 65_536);
    parts.push(Buffer.from([61 << 2, (part.length - 1) & 255, (part.length - 1) >> 8]), part);
  }
  return Buffer.concat(parts);
}

for (const [name, samples, block] of [
  ['ten samples a series, literals', 10, literals],
  ['one sample a series, copies', 1, snappy],
] as const) {
  const receiver = new RemoteWriteReceiver({ clock: systemClock, appendable: nowhere });
  const bodies = Array.from({ length: 5 }, (_, round) => block(writeRequest(series(samples, round)).done()));
  const send = (body: Buffer): number =>
    receiver.receive({ body, contentType: undefined, contentEncoding: 'snappy', receivedAtMs: 0 }).samples;
  let written = 0;
  for (let round = 0; round < 20; round++) for (const body of bodies) send(body);
  const from = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) for (const body of bodies) written += send(body);
  const { user, system } = process.cpuUsage(from);
  const expected = ROUNDS * bodies.length * SERIES * samples;
  if (written !== expected) throw new Error(`${written} of ${expected} samples arrived`);
  const bytes = bodies[0]!.length;
  console.log(
    `${name}: ${(((user + system) * 1000) / written).toFixed(1)} ns a sample (${bytes} bytes a request)`,
  );
}
if (sum === 0) throw new Error('nothing was read');
