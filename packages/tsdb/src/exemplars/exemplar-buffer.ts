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

/** Gone places at the front of a series' list are given back beyond this. */
const SPARE = 32;

/** An exemplar with its series; `seq` ascends by one from exemplar to exemplar. */
export interface StoredExemplar {
  readonly seq: number;
  readonly series: Labels;
  readonly exemplar: Exemplar;
}

interface Listed {
  readonly labels: Labels;
  /** Ascending in time from `from` on. */
  list: Exemplar[];
  from: number;
}

export class ExemplarBuffer implements ExemplarQuerier {
  readonly #series = new Map<string, Listed>();
  /** All that are kept, oldest first from `#from` on. */
  #entries: StoredExemplar[] = [];
  #from = 0;
  #max: number;
  #lastSeq = 0;
  dropped = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#entries.length - this.#from;
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
    return this.#entries[this.#from]?.seq ?? this.#lastSeq + 1;
  }

  /** Keeps so many from now on; 0 and less keep none and refuse all. */
  setMax(max: number): void {
    this.#max = max;
    this.#trim();
  }

  /** Judges against what is kept, or against `newest` where there is one that is about to be added. */
  judge(series: Labels, exemplar: Exemplar, newest: Exemplar | undefined): ExemplarOutcome {
    if (this.#max <= 0) return 'disabled';
    return judgeExemplar(newest ?? this.#series.get(series.key)?.list.at(-1), exemplar);
  }

  /** Adds one that was judged; gives its number. */
  add(series: Labels, exemplar: Exemplar): number {
    this.restore({ seq: this.#lastSeq + 1, series, exemplar });
    return this.#lastSeq;
  }

  /** Adds one that has its number, larger than all before it. */
  restore(entry: StoredExemplar): void {
    const { series, exemplar, seq } = entry;
    this.#lastSeq = seq;
    const listed = this.#series.get(series.key);
    if (listed) listed.list.push(exemplar);
    else this.#series.set(series.key, { labels: series, list: [exemplar], from: 0 });
    this.#entries.push(entry);
    this.#trim();
  }

  /** Numbers up to this one have been used. */
  reserve(upTo: number): void {
    this.#lastSeq = Math.max(this.#lastSeq, upTo);
  }

  /** Those with a larger number, oldest first, at most so many. */
  after(seq: number, limit: number): readonly StoredExemplar[] {
    let from = this.#entries.length;
    while (from > this.#from && this.#entries[from - 1]!.seq > seq) from--;
    return this.#entries.slice(from, from + limit);
  }

  exemplars(matcherSets: readonly (readonly Matcher[])[], range: TimeRange): readonly SeriesExemplars[] {
    const found: SeriesExemplars[] = [];
    for (const { labels, list, from } of this.#series.values()) {
      if (!matcherSets.some((matchers) => matchesAll(matchers, labels))) continue;
      const exemplars: Exemplar[] = [];
      for (let i = from; i < list.length; i++) {
        const { timeMs } = list[i]!;
        if (timeMs >= range.startMs && timeMs <= range.endMs) exemplars.push(list[i]!);
      }
      if (exemplars.length > 0) found.push({ labels, exemplars });
    }
    return found.sort((a, b) => a.labels.compare(b.labels));
  }

  #trim(): void {
    while (this.size > Math.max(0, this.#max)) {
      this.dropped++;
      const { series } = this.#entries[this.#from++]!;
      const listed = this.#series.get(series.key)!;
      listed.from++;
      if (listed.from === listed.list.length) this.#series.delete(series.key);
      else if (listed.from > SPARE && listed.from * 2 > listed.list.length) {
        listed.list = listed.list.slice(listed.from);
        listed.from = 0;
      }
    }
    if (this.#from <= SPARE || this.#from * 2 <= this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#from);
    this.#from = 0;
  }
}
