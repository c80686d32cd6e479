import { type Exemplar, Labels, Matcher } from '@watchroom/model';
import { seededRandom } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { ExemplarBuffer, type StoredExemplar } from '../src/exemplars/exemplar-buffer.ts';

const EVERYTHING = [[new Matcher('__name__', '=', 'm')]];

/** What the buffer must say, told from a plain list. */
function expected(kept: readonly StoredExemplar[], startMs: number, endMs: number): [string, Exemplar[]][] {
  const bySeries = new Map<string, Exemplar[]>();
  for (const { series, exemplar } of kept) {
    if (exemplar.timeMs < startMs || exemplar.timeMs > endMs) continue;
    bySeries.set(series.key, [...(bySeries.get(series.key) ?? []), exemplar]);
  }
  return [...bySeries].sort(([a], [b]) => (a < b ? -1 : 1));
}

function last<T>(count: number, list: readonly T[]): readonly T[] {
  return list.slice(Math.max(0, list.length - count));
}

it('keeps what a plain list would keep, however many come, of however many series', () => {
  const random = seededRandom(11);
  const buffer = new ExemplarBuffer(3000);
  let kept: readonly StoredExemplar[] = [];
  let max = 3000;
  for (let k = 1; k <= 12_000; k++) {
    // Series come and go: later ones are others than the first.
    const i = Math.floor(random() * 40) + Math.floor(k / 2000) * 30;
    const series = Labels.fromObject({ __name__: 'm', i: String(i).padStart(3, '0') });
    const labels = Labels.fromObject({ trace_id: 'é'.repeat(Math.floor(random() * 100)), k: String(k) });
    const exemplar = { labels, timeMs: k, value: random() };
    const seq = buffer.add(series, exemplar);
    expect(seq).toBe(k);
    kept = last(max, [...kept, { seq, series, exemplar }]);
    if (k % 1500 === 0) {
      max = Math.floor(random() * 3000);
      buffer.setMax(max);
    }
    kept = last(max, kept);
    if (k % 700 !== 0) continue;
    const range = { startMs: k - Math.floor(random() * 4000), endMs: k - Math.floor(random() * 500) };
    const found = buffer.exemplars(EVERYTHING, range);
    const told = found.map(({ labels: { key }, exemplars }) => [key, exemplars]);
    expect(told).toEqual(expected(kept, range.startMs, range.endMs));
    expect(buffer.size).toBe(kept.length);
    expect(buffer.firstSeq).toBe(kept[0]?.seq);
    expect(buffer.dropped).toBe(k - kept.length);
    expect(buffer.after(k - 30, 20)).toEqual(kept.filter((one) => one.seq > k - 30).slice(0, 20));
  }
});
