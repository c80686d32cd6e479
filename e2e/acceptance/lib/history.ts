/** Hours of samples of many series, written to a server by remote write 1.0 as fast as it takes them. */

const LABEL = 0x0a;
const LITERAL_BYTES = 65_536;

export interface HistoryOptions {
  readonly endMs: number;
  readonly hours: number;
  readonly stepMs: number;
}

type LabelSet = Readonly<Record<string, string>>;

/** 4,200 buckets, 1,600 CPU counters and 1,000 request counters of 50 instances; names start with `bench_`. */
export function historySeries(): LabelSet[] {
  const all: LabelSet[] = [];
  const routes = ['/', '/cart', '/order', '/search', '/user', '/pay'];
  const bounds = [
    '0.005',
    '0.01',
    '0.025',
    '0.05',
    '0.1',
    '0.25',
    '0.5',
    '1',
    '2.5',
    '5',
    '10',
    '20',
    '30',
    '+Inf',
  ];
  for (let host = 0; host < 50; host++) {
    const instance = `host-${String(host).padStart(3, '0')}:9100`;
    const service = ['checkout', 'catalog', 'search', 'user', 'payment'][host % 5]!;
    for (const route of routes)
      for (const le of bounds)
        all.push({ __name__: 'bench_request_duration_seconds_bucket', instance, service, route, le });
    for (let cpu = 0; cpu < 4; cpu++)
      for (const mode of ['idle', 'user', 'system', 'iowait', 'irq', 'softirq', 'steal', 'nice'])
        all.push({ __name__: 'bench_cpu_seconds_total', instance, cpu: String(cpu), mode });
    for (const route of routes.slice(0, 4))
      for (const code of ['200', '201', '404', '500', '503'])
        all.push({ __name__: 'bench_requests_total', instance, service, route, code });
  }
  return all;
}

/** Gives how many samples were written; throws when a request is refused. */
export async function writeHistory(
  url: string,
  series: readonly LabelSet[],
  { endMs, hours, stepMs }: HistoryOptions,
): Promise<number> {
  const labels = series.map(labelBytes);
  const steps = Math.floor((hours * 3_600_000) / stepMs);
  const perRequest = 100;
  let written = 0;
  for (let from = 0; from < steps; from += perRequest) {
    const to = Math.min(steps, from + perRequest);
    for (let first = 0; first < labels.length; first += 400) {
      const parts = labels.slice(first, first + 400).map((bytes, i) => {
        const samples: Buffer[] = [bytes];
        for (let step = from; step < to; step++)
          samples.push(sample(endMs - (steps - step) * stepMs, (first + i + 1) * step + (step % 7)));
        return field(1, Buffer.concat(samples));
      });
      await post(url, Buffer.concat(parts));
      written += parts.length * (to - from);
    }
  }
  return written;
}

async function post(url: string, message: Buffer): Promise<void> {
  const answer = await fetch(new URL('/api/v1/write', url), {
    method: 'POST',
    body: literalSnappy(message),
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
}

function labelBytes(set: LabelSet): Buffer {
  const fields = Object.entries(set)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) =>
      field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))])),
    );
  return Buffer.concat(fields);
}

function sample(timeMs: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x09;
  bytes.writeDoubleLE(value, 1);
  return field(2, Buffer.concat([bytes, Buffer.from([0x10]), varint(timeMs)]));
}

function field(number: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([LABEL + (number - 1) * 8]), varint(payload.length), payload]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  bytes.push(left);
  return Buffer.from(bytes);
}

/** A valid block without copies. Source: https://github.com/google/snappy/blob/main/format_description.txt */
function literalSnappy(source: Buffer): Buffer<ArrayBuffer> {
  const parts: Buffer[] = [varint(source.length)];
  for (let at = 0; at < source.length; at += LITERAL_BYTES) {
    const piece = source.subarray(at, at + LITERAL_BYTES);
    const size = piece.length - 1;
    parts.push(Buffer.from([61 << 2, size & 255, size >> 8]), piece);
  }
  return Buffer.concat(parts);
}
