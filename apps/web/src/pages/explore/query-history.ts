/**
 * Queries that were run, in this browser: the newest first, each once, the starred ones kept. Stored as JSON; a list of
 * plain texts, as older versions wrote it, is read too.
 */
export interface Remembered {
  readonly query: string;
  /** When it was last run; 0 when that is not known. */
  readonly atMs: number;
  readonly starred: boolean;
}

export type QueryHistory = readonly Remembered[];

/** Without a star. */
export const MOST_REMEMBERED = 100;
export const MOST_STARRED = 100;
/** Longer texts are run, but not kept. */
const LONGEST = 10_000;

/** The query at the front, its star kept. */
export function remembered(history: QueryHistory, query: string, atMs: number): QueryHistory {
  const text = query.trim();
  if (text === '' || text.length > LONGEST) return history;
  const starred = history.some((each) => each.query === text && each.starred);
  return bounded([{ query: text, atMs, starred }, ...history.filter((each) => each.query !== text)]);
}

/** The oldest go first. */
function bounded(history: QueryHistory): QueryHistory {
  const left = { starred: MOST_STARRED, plain: MOST_REMEMBERED };
  return history.filter(({ starred }) => left[starred ? 'starred' : 'plain']-- > 0);
}

export function starred(history: QueryHistory, query: string): QueryHistory {
  return bounded(history.map((each) => (each.query === query ? { ...each, starred: !each.starred } : each)));
}

export function forgotten(history: QueryHistory, query: string): QueryHistory {
  return history.filter((each) => each.query !== query);
}

/** All but the starred ones. */
export function cleared(history: QueryHistory): QueryHistory {
  return history.filter((each) => each.starred);
}

/** Those that hold every word, in any case. */
export function found(history: QueryHistory, words: string, onlyStarred: boolean): QueryHistory {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return history.filter(({ query, starred: star }) => {
    const text = query.toLowerCase();
    return (star || !onlyStarred) && wanted.every((word) => text.includes(word));
  });
}

/** The stored list; what cannot be read is left out. */
export function parseHistory(text: string | null): QueryHistory {
  if (text === null) return [];
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? bounded(parsed.flatMap(entryOf)) : [];
  } catch {
    return [];
  }
}

function entryOf(raw: unknown): Remembered[] {
  if (typeof raw === 'string') return [{ query: raw, atMs: 0, starred: false }];
  if (typeof raw !== 'object' || raw === null) return [];
  const { query, atMs, starred: star } = raw as Partial<Record<keyof Remembered, unknown>>;
  if (typeof query !== 'string') return [];
  return [{ query, atMs: typeof atMs === 'number' ? atMs : 0, starred: star === true }];
}
