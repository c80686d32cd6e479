/** The newest exemplars of all series together, up to a number; the oldest go first and are counted. */
import {
  type Exemplar,
  type ExemplarOutcome,
  type ExemplarQuerier,
  judgeExemplar,
  type Labels,
  type Matcher,
  matchesAll,
  type SeriesExemplars,
  type TimeRange,
} from '@watchroom/model';
import { TombstoneSet, type Tombstones } from '../deletion/tombstones.ts';
import { ExemplarRing } from './exemplar-ring.ts';

/** An exemplar with its series; `seq` ascends from exemplar to exemplar. */
export interface StoredExemplar {
  readonly seq: number;
  readonly series: Labels;
  readonly exemplar: Exemplar;
}

/** A series that has exemplars: the newest one, its number in the ring, and how many there are. */
interface Listed {
  readonly id: number;
  readonly labels: Labels;
  newest: Exemplar;
  last: number;
  count: number;
}

export class ExemplarBuffer implements ExemplarQuerier {
  readonly #series = new Map<string, Listed>();
  readonly #byId: (Listed | undefined)[] = [];
  readonly #freeIds: number[] = [];
  readonly #ring = new ExemplarRing();
  readonly #tombstones: Tombstones;
  #max: number;
  #lastSeq = 0;
  dropped = 0;

  constructor(max: number, tombstones: Tombstones = { current: TombstoneSet.NONE }) {
    this.#max = max;
    this.#tombstones = tombstones;
  }

  get size(): number {
    return this.#ring.end - this.#ring.first;
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  /** The number of the newest exemplar that ever came. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** The number of the oldest that is kept; of the next one when there is none. */
  get firstSeq(): number {
    return this.size > 0 ? this.#ring.seqOf(this.#ring.first) : this.#lastSeq + 1;
  }

  /** Keeps so many from now on; 0 and less keep none and refuse all. */
  setMax(max: number): void {
    this.#max = max;
    this.#trim();
  }

  /** Judges against what is kept, or against `newest` where there is one that is about to be added. */
  judge(series: Labels, exemplar: Exemplar, newest: Exemplar | undefined): ExemplarOutcome {
    if (this.#max <= 0) return 'disabled';
    return judgeExemplar(newest ?? this.#series.get(series.key)?.newest, exemplar);
  }

  /** Adds one that was judged; gives its number. */
  add(series: Labels, exemplar: Exemplar): number {
    this.restore({ seq: this.#lastSeq + 1, series, exemplar });
    return this.#lastSeq;
  }

  /** Adds one that has its number, larger than all before it. */
  restore({ series, exemplar, seq }: StoredExemplar): void {
    this.#lastSeq = seq;
    const listed = this.#series.get(series.key) ?? this.#list(series, exemplar);
    listed.last = this.#ring.push(seq, listed.id, exemplar, listed.last);
    listed.newest = exemplar;
    listed.count++;
    this.#trim();
  }

  /** Numbers up to this one have been used. */
  reserve(upTo: number): void {
    this.#lastSeq = Math.max(this.#lastSeq, upTo);
  }

  /** Those with a larger number, oldest first, at most so many. */
  after(seq: number, limit: number): readonly StoredExemplar[] {
    const ring = this.#ring;
    let from = ring.end;
    while (from > ring.first && ring.seqOf(from - 1) > seq) from--;
    const found: StoredExemplar[] = [];
    for (let at = from; at < ring.end && found.length < limit; at++) {
      const series = this.#byId[ring.seriesOf(at)]!.labels;
      found.push({ seq: ring.seqOf(at), series, exemplar: ring.exemplar(at) });
    }
    return found;
  }

  exemplars(matcherSets: readonly (readonly Matcher[])[], range: TimeRange): readonly SeriesExemplars[] {
    const found: SeriesExemplars[] = [];
    for (const { labels, last } of this.#series.values()) {
      if (!matcherSets.some((matchers) => matchesAll(matchers, labels))) continue;
      const exemplars = this.#within(labels.key, last, range);
      if (exemplars.length > 0) found.push({ labels, exemplars });
    }
    return found.sort((a, b) => a.labels.compare(b.labels));
  }

  /** From the series' last one back, as their times descend. */
  #within(key: string, last: number, { startMs, endMs }: TimeRange): Exemplar[] {
    const ring = this.#ring;
    const deleted = this.#tombstones.current;
    const found: Exemplar[] = [];
    for (let at = last; at >= 0 && ring.timeOf(at) >= startMs; at = ring.before(at))
      if (ring.timeOf(at) <= endMs && !deleted.hidesExemplar(key, ring.seqOf(at), ring.timeOf(at)))
        found.push(ring.exemplar(at));
    return found.reverse();
  }

  #list(labels: Labels, newest: Exemplar): Listed {
    const id = this.#freeIds.pop() ?? this.#byId.length;
    const listed = { id, labels, newest, last: -1, count: 0 };
    this.#byId[id] = listed;
    this.#series.set(labels.key, listed);
    return listed;
  }

  #trim(): void {
    while (this.size > Math.max(0, this.#max)) {
      this.dropped++;
      const listed = this.#byId[this.#ring.shift()]!;
      if (--listed.count > 0) continue;
      this.#series.delete(listed.labels.key);
      this.#byId[listed.id] = undefined;
      this.#freeIds.push(listed.id);
    }
  }
}
