/**
 * Label → value → refs of the series that carry it. Refs are handed out in ascending order, so lists stay sorted by
 * appending. The shortest list of a query is walked; what other matchers say is asked of the labels themselves.
 */
import { type Labels, type Matcher, METRIC_NAME, type SeriesRef } from '@watchroom/model';
import { ManyRefs, numbersOf, type Refs, withRef } from './ref-list.ts';

/** Answers of recent selectors that are kept while no series is added or removed. */
const CACHED_SELECTORS = 256;

const NO_VALUES: ReadonlyMap<string, Refs> = new Map();

/** Where the series that was added last is listed: the next one is of the same target, and differs in one or two labels. */
interface LastAdded {
  readonly names: readonly string[];
  /** By place of the name. */
  readonly byValue: readonly Map<string, Refs>[];
  readonly values: string[];
  readonly refs: (Refs | undefined)[];
}

export class LabelIndex {
  readonly #names = new Map<string, Map<string, Refs>>();
  readonly #labelsOf: (ref: SeriesRef) => Labels | undefined;
  #newest: SeriesRef = 0;
  #last: LastAdded | undefined;
  readonly #cache = new Map<string, readonly SeriesRef[]>();

  constructor(labelsOf: (ref: SeriesRef) => Labels | undefined) {
    this.#labelsOf = labelsOf;
  }

  /** `ref` is larger than every ref added before. */
  add(ref: SeriesRef, labels: Labels): void {
    if (this.#cache.size > 0) this.#cache.clear();
    this.#newest = ref;
    const last = this.#last?.names === labels.names ? this.#last : this.#listsFor(labels.names);
    const { values } = labels;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (last.values[i] !== value) {
        last.values[i] = value;
        last.refs[i] = last.byValue[i]!.get(value);
      }
      const refs = last.refs[i];
      const all = withRef(refs, ref);
      if (all === refs) continue;
      last.refs[i] = all;
      last.byValue[i]!.set(value, all);
    }
  }

  #listsFor(names: readonly string[]): LastAdded {
    const byValue = names.map((name) => {
      const known = this.#names.get(name);
      if (known) return known;
      const values = new Map<string, Refs>();
      this.#names.set(name, values);
      return values;
    });
    this.#last = { names, byValue, values: [], refs: [] };
    return this.#last;
  }

  /** Takes series out, whose labels the table does not have any more; cost is that of the lists they are in. */
  remove(gone: ReadonlyMap<SeriesRef, Labels>): void {
    if (gone.size === 0) return;
    this.#cache.clear();
    this.#last = undefined;
    const touched = new Map<string, Set<string>>();
    for (const labels of gone.values()) {
      for (const [name, value] of labels.pairs()) {
        const values = touched.get(name);
        if (values) values.add(value);
        else touched.set(name, new Set([value]));
      }
    }
    for (const [name, values] of touched) {
      const lists = this.#names.get(name)!;
      for (const value of values) {
        const refs = lists.get(value)!;
        this.#sweep(refs);
        if (refs.length === 0) lists.delete(value);
      }
      if (lists.size === 0) this.#names.delete(name);
    }
  }

  /** Refs of all series that satisfy every matcher, ascending; a list that is never changed. */
  find(matchers: readonly Matcher[]): readonly SeriesRef[] {
    const key = matchers.join('\n');
    const known = this.#cache.get(key);
    if (known) return known;
    const found = this.#find(matchers);
    if (this.#cache.size >= CACHED_SELECTORS) this.#cache.clear();
    this.#cache.set(key, found);
    return found;
  }

  /** Names, with the values of each and how many series carry them. */
  *entries(): Generator<readonly [name: string, values: ReadonlyMap<string, Refs>]> {
    yield* this.#names;
  }

  /** The values of a label, and which series carry each. */
  valuesOf(name: string): ReadonlyMap<string, Refs> {
    return this.#names.get(name) ?? NO_VALUES;
  }

  #sweep(refs: Refs): void {
    if (refs instanceof ManyRefs) {
      refs.keep((ref) => this.#labelsOf(ref) !== undefined);
      return;
    }
    let kept = 0;
    for (const ref of refs) if (this.#labelsOf(ref)) refs[kept++] = ref;
    refs.length = kept;
  }

  #find(matchers: readonly Matcher[]): readonly SeriesRef[] {
    let best: ArrayLike<SeriesRef> | undefined;
    let used: Matcher | undefined;
    for (const matcher of [...matchers].sort(byPromise)) {
      if (matcher.matchesEmpty) continue;
      // Walking a label's values for a pattern does not pay once few series are left.
      if (best && matcher.operator !== '=' && best.length < 1_000) break;
      const refs = this.#postings(matcher);
      if (best && refs.length >= best.length) continue;
      best = refs;
      used = matcher;
      if (refs.length === 0) return [];
    }
    const rest = matchers.filter((matcher) => matcher !== used);
    const refs = best ?? this.#all();
    const found: SeriesRef[] = [];
    for (let i = 0; i < refs.length; i++) if (areMet(rest, this.#labelsOf(refs[i]!)!)) found.push(refs[i]!);
    return found;
  }

  /** Looked for anew each time: a list of all would be as large as those of any label, and is hardly asked for. */
  #all(): readonly SeriesRef[] {
    const refs: SeriesRef[] = [];
    for (let ref = 1; ref <= this.#newest; ref++) if (this.#labelsOf(ref)) refs.push(ref);
    return refs;
  }

  #postings(matcher: Matcher): ArrayLike<SeriesRef> {
    const values = this.#names.get(matcher.name);
    if (!values) return [];
    const wanted = matcher.operator === '=' ? [matcher.value] : literalsOf(matcher);
    if (wanted) return union(wanted.map((value) => values.get(value) ?? []));
    const lists: Refs[] = [];
    for (const [value, refs] of values) if (matcher.matches(value)) lists.push(refs);
    return union(lists);
  }
}

function areMet(matchers: readonly Matcher[], labels: Labels): boolean {
  for (const matcher of matchers) if (!matcher.matches(labels.get(matcher.name))) return false;
  return true;
}

function literalsOf(matcher: Matcher): readonly string[] | undefined {
  return matcher.operator === '=~' ? matcher.pattern?.literals : undefined;
}

/** Equality first, the metric's name first among equals; then alternations of literals; then the rest. */
function byPromise(a: Matcher, b: Matcher): number {
  return rank(a) - rank(b);
}

function rank(matcher: Matcher): number {
  if (matcher.operator === '=') return matcher.name === METRIC_NAME ? 0 : 1;
  return literalsOf(matcher) ? 2 : 3;
}

/** Lists of different values of one label share no ref. */
function union(lists: readonly Refs[]): ArrayLike<SeriesRef> {
  const distinct = lists.length > 1 ? [...new Set(lists)] : lists;
  if (distinct.length === 1) return numbersOf(distinct[0]!);
  const all = new Uint32Array(distinct.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const refs of distinct) {
    all.set(numbersOf(refs), at);
    at += refs.length;
  }
  return all.sort();
}
