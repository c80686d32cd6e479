/** The rows of the editor: what is written in each, and what of it was run. What was run is the URL's. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { type ExploreQuery, MOST_QUERIES, newQuery } from './explore-state.ts';

export interface QueryRow {
  /** Stays the row's as long as it is there. */
  readonly key: number;
  /** As it stands in the editor. */
  readonly draft: string;
  /** As it was run; its text is empty when it never was. */
  readonly ran: ExploreQuery;
}

export interface QueryRows {
  readonly rows: readonly QueryRow[];
  readonly setDraft: (key: number, draft: string) => void;
  /** Runs what is written; `draft` is put into the first row before. */
  readonly run: (draft?: string) => void;
  /** A new row, run at once when it has a text. */
  readonly add: (draft?: string) => void;
  readonly duplicate: (key: number) => void;
  readonly remove: (key: number) => void;
  readonly change: (key: number, change: Partial<Omit<ExploreQuery, 'text'>>) => void;
}

const ranOf = (rows: readonly QueryRow[]): readonly ExploreQuery[] =>
  rows.map(({ ran }) => ran).filter(({ text }) => text !== '');

function comparable(queries: readonly ExploreQuery[]): string {
  return JSON.stringify(
    queries.map(({ selection, ...rest }) => [rest, selection.kind, [...selection.names]]),
  );
}

/**
 * `queries` are the URL's as it is drawn, `newest` has them as they are and keeps its identity, `write` puts them there.
 * `onRun` is told what was run, also when nothing changed.
 */
export function useQueryRows(
  queries: readonly ExploreQuery[],
  newest: () => { readonly queries: readonly ExploreQuery[] },
  write: (queries: readonly ExploreQuery[]) => void,
  onRun: (texts: readonly string[]) => void,
): QueryRows {
  const nextKey = useRef(0);
  const rowOf = (ran: ExploreQuery): QueryRow => ({ key: nextKey.current++, draft: ran.text, ran });
  const [rows, setRows] = useState<readonly QueryRow[]>(() =>
    queries.length === 0 ? [rowOf(newQuery(''))] : queries.map(rowOf),
  );
  const latest = useRef(rows);
  latest.current = rows;
  const settle = (next: readonly QueryRow[]) => {
    latest.current = next;
    setRows(next);
    if (comparable(ranOf(next)) !== comparable(newest().queries)) write(ranOf(next));
  };
  // Back, forward or a link: the URL says something else than the rows.
  const fromUrl = comparable(queries);
  useEffect(() => {
    const { queries } = newest();
    // Drawn late: what has changed since will be drawn next.
    if (comparable(queries) !== fromUrl) return;
    if (comparable(ranOf(latest.current)) === fromUrl) return;
    const next = queries.map((ran, i) => {
      const former = latest.current[i];
      if (!former) return { key: nextKey.current++, draft: ran.text, ran };
      return { key: former.key, draft: former.ran.text === ran.text ? former.draft : ran.text, ran };
    });
    setRows(next.length === 0 ? [{ key: nextKey.current++, draft: '', ran: newQuery('') }] : next);
  }, [fromUrl, newest]);
  const setDraft = useCallback((key: number, draft: string) => {
    setRows((before) => before.map((row) => (row.key === key ? { ...row, draft } : row)));
  }, []);
  return {
    rows,
    setDraft,
    run: (draft) => {
      const next = latest.current.map((row, i) => {
        const text = draft !== undefined && i === 0 ? draft : row.draft;
        return { ...row, draft: text, ran: { ...row.ran, text: text.trim() } };
      });
      settle(next);
      onRun(next.map(({ ran }) => ran.text).filter((text) => text !== ''));
    },
    add: (draft = '') => {
      if (latest.current.length >= MOST_QUERIES) return;
      settle([...latest.current, rowOf(newQuery(draft))]);
      if (draft !== '') onRun([draft]);
    },
    duplicate: (key) => {
      const at = latest.current.findIndex((row) => row.key === key);
      const row = latest.current[at];
      if (!row || latest.current.length >= MOST_QUERIES) return;
      const copy = { ...row, key: nextKey.current++ };
      settle(latest.current.toSpliced(at + 1, 0, copy));
    },
    remove: (key) => {
      const rest = latest.current.filter((row) => row.key !== key);
      settle(rest.length === 0 ? [rowOf(newQuery(''))] : rest);
    },
    change: (key, change) =>
      settle(
        latest.current.map((row) => (row.key === key ? { ...row, ran: { ...row.ran, ...change } } : row)),
      ),
  };
}
