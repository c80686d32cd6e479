import { Histogram, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { CellHistogram } from './cell-histogram.ts';

describe('a histogram of cells', () => {
  test("is exposed as prom-client's own", async () => {
    const options = { name: 'wait_seconds', help: 'Time waited.', buckets: [0.1, 1], labelNames: ['who'] };
    const peers = new Registry();
    const peer = new Histogram({ ...options, registers: [peers] });
    const own = new Registry();
    const histogram = new CellHistogram({ ...options, registers: [own] });
    const cells = { a: histogram.cell({ who: 'a' }), b: histogram.cell({ who: 'b' }) };
    for (const [who, value] of [
      ['a', 0.1],
      ['a', 0.11],
      ['a', 1],
      ['b', 1.5],
      ['b', 0],
    ] as const) {
      cells[who].observe(value);
      peer.observe({ who }, value);
    }
    expect(await own.metrics()).toBe(await peers.metrics());
  });
});
