import {
  ManualClock,
  MemoryStore,
  mutateBytes,
  remoteWritePool,
  seededRandom,
  snappy,
} from '@watchroom/testkit';
import { expect, test } from 'vitest';
import { RemoteWriteReceiver } from '../src/index.ts';

const TYPES = {
  v1: 'application/x-protobuf',
  v2: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
} as const;

test.each(['v1', 'v2'] as const)('mutated bodies of %s are answered', (version) => {
  const random = seededRandom(7);
  const messages = remoteWritePool()[version];
  const blocks = messages.map(snappy);
  const receiver = new RemoteWriteReceiver({ clock: new ManualClock(), appendable: new MemoryStore() });
  const statuses = new Set<number>();
  for (let i = 0; i < 3000; i++) {
    // Two thirds broken in the message, one in the block around it.
    const body = i % 3 === 0 ? mutateBytes(random, blocks) : snappy(mutateBytes(random, messages));
    const answer = receiver.receive({
      body,
      contentType: TYPES[version],
      contentEncoding: 'snappy',
      receivedAtMs: 0,
    });
    statuses.add(answer.status);
    if (answer.status !== 204) expect(answer.message).not.toBe('');
  }
  expect([...statuses].sort()).toEqual([204, 400]);
});
