import { STALE } from '@watchroom/model';
import { expect, it } from 'vitest';
import { ReportPacker, unpackReports } from '../src/fetching/packed-reports.ts';
import { type FetchReport, NONE_BORN, type Reading } from '../src/fetching/protocol.ts';

const READING: Reading = {
  fatal: undefined,
  samples: 3,
  duplicates: 1,
  errorCount: 2,
  metadata: undefined,
  born: NONE_BORN,
  isRow: true,
  handles: undefined,
  values: Float64Array.of(1, -0, 2.5),
  times: undefined,
  extras: [],
};

function report(target: number, reading: Partial<Reading> = {}): FetchReport {
  return {
    target,
    generation: 2,
    sampleTimeMs: 1_764_000_000_123,
    lateMs: 0.25,
    durationMs: 3.5,
    endedAtMs: 1_764_000_000_127,
    nextInMs: -4,
    missed: 5,
    bodyBytes: 678,
    fault: undefined,
    reading: { ...READING, ...reading },
  };
}

/** As they arrive. */
function sent(given: readonly FetchReport[]): { plain: number; reports: FetchReport[] } {
  const packer = new ReportPacker();
  const reports = given.map((one) => packer.pack(one));
  return {
    plain: reports.filter((one) => one === undefined).length,
    reports: unpackReports(structuredClone({ reports, plain: packer.take() })),
  };
}

it('brings rows of values as numbers, in their order among what is more than that', () => {
  const others: FetchReport[] = [
    { ...report(10), reading: undefined },
    { ...report(11), fault: { message: 'refused', limit: undefined } },
    report(12, { fatal: 'line 3: no' }),
    report(13, { metadata: new Map() }),
    report(14, { born: { count: 1, texts: ['a', 'b'], places: Int32Array.of(1, 0, 1) } }),
    report(15, { isRow: false, handles: Int32Array.of(1, 2, 3) }),
    report(16, { handles: Int32Array.of(1, 2, 3) }),
    report(17, { times: Float64Array.of(1, 2, 3) }),
    report(18, { extras: [{ kind: 'exemplar', at: 0, handle: 1, labels: [], value: 1, timeMs: 1 }] }),
  ];
  const rows = others.map((_, i) => report(i, { values: new Float64Array(i).fill(i) }));
  const mixed = others.flatMap((other, i) => [rows[i]!, other]);
  const { plain, reports } = sent(mixed);
  expect(plain).toBe(rows.length);
  expect(reports).toEqual(mixed);
});

it('keeps the bits of marks, and makes room for many values', () => {
  const values = new Float64Array(100_000).fill(STALE);
  const { reports } = sent([report(1), report(2, { values }), report(3)]);
  const [, bits] = new BigUint64Array(reports[1]!.reading!.values.slice().buffer);
  expect(bits).toBe(new BigUint64Array(Float64Array.of(STALE).buffer)[0]);
  expect(reports[1]!.reading!.values).toHaveLength(100_000);
  expect(reports[2]).toEqual(report(3));
});

it('does not look at values again once they are packed, nor gives them twice', () => {
  const packer = new ReportPacker();
  const given = [report(1), report(2, { handles: Int32Array.of(1, 2, 3) })];
  const reports: (FetchReport | undefined)[] = [];
  for (const one of given) {
    one.reading!.values.set([1, -0, one.target]);
    reports.push(packer.pack(one));
    // As the target's next body does, whose values take the same place.
    one.reading!.values.fill(9);
  }
  const values = unpackReports({ reports, plain: packer.take() }).map(({ reading }) => [...reading!.values]);
  expect(values).toEqual([
    [1, -0, 1],
    [1, -0, 2],
  ]);
  expect(packer.take()).toHaveLength(0);
});
