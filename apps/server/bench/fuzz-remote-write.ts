/**
 * Mutated remote write bodies into a real store; started by e2e/acceptance/fuzz-remote-write.ts, which sees it hang or crash.
 * Usage: node --expose-gc apps/server/bench/fuzz-remote-write.ts SEED COUNT EVERY. Prints one line of JSON each EVERY bodies,
 * and goes on with a new store: mutated labels make series without end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@watchroom/model';
import { RemoteWriteReceiver } from '@watchroom/remote';
import { mutateBytes, remoteWritePool, seededRandom, snappy } from '@watchroom/testkit';
import { openStore } from '@watchroom/tsdb';

const [seed = 1, count = 10_000, every = 1000] = process.argv.slice(2).map(Number);
const { gc } = globalThis;
if (!gc) throw new Error('run it with --expose-gc');
const STATUSES: readonly number[] = [204, 400, 413, 415];

const random = seededRandom(seed);
const pool = remoteWritePool(Date.now());
const versions = [
  { type: 'application/x-protobuf', messages: pool.v1, blocks: pool.v1.map(snappy) },
  {
    type: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    messages: pool.v2,
    blocks: pool.v2.map(snappy),
  },
];
const report = {
  bodies: 0,
  byStatus: {} as Record<number, number>,
  samples: 0,
  histograms: 0,
  exemplars: 0,
  slowestMs: 0,
  broken: [] as { body: string; type: string; what: string }[],
};

function send(receiver: RemoteWriteReceiver): void {
  const { type, messages, blocks } = versions[report.bodies % 2]!;
  const inBlock = random() < 0.3;
  const body = inBlock ? mutateBytes(random, blocks) : snappy(mutateBytes(random, messages));
  const startedMs = performance.now();
  try {
    const answer = receiver.receive({
      body,
      contentType: type,
      contentEncoding: 'snappy',
      receivedAtMs: Date.now(),
    });
    report.byStatus[answer.status] = (report.byStatus[answer.status] ?? 0) + 1;
    report.samples += answer.samples;
    report.histograms += answer.histograms;
    report.exemplars += answer.exemplars;
    if (!STATUSES.includes(answer.status)) broken(body, type, `status ${answer.status}`);
    if (answer.status !== 204 && answer.message === '') broken(body, type, 'no reason');
  } catch (error) {
    broken(body, type, String((error as Error).stack));
  }
  report.slowestMs = Math.max(report.slowestMs, performance.now() - startedMs);
}

function broken(body: Uint8Array, type: string, what: string): void {
  if (report.broken.length < 20)
    report.broken.push({ body: Buffer.from(body).toString('base64'), type, what });
}

while (report.bodies < count) {
  const dir = mkdtempSync(join(tmpdir(), 'watchroom-fuzz-'));
  const store = await openStore({ dir, clock: systemClock, retentionMs: 86_400_000, maxBytes: 1e9 });
  const receiver = new RemoteWriteReceiver({ clock: systemClock, appendable: store });
  const until = Math.min(count, report.bodies + every);
  for (; report.bodies < until; report.bodies++) {
    send(receiver);
    // The store's own work gets its turn.
    if (report.bodies % 200 === 0) await new Promise(setImmediate);
  }
  await store.close();
  rmSync(dir, { recursive: true });
  gc();
  const { heapUsed, rss } = process.memoryUsage();
  console.log(JSON.stringify({ ...report, heapUsed, rss }));
}
