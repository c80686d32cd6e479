import { useCallback, useState } from 'react';
import { cleared, forgotten, parseHistory, type QueryHistory, remembered, starred } from './query-history.ts';

const STORED = 'watchroom.explore.history';

export interface HistoryStore {
  readonly entries: QueryHistory;
  readonly add: (queries: readonly string[]) => void;
  readonly star: (query: string) => void;
  readonly forget: (query: string) => void;
  /** All but the starred ones. */
  readonly clear: () => void;
}

/** The queries of this browser. A browser that stores nothing keeps them until the page goes. */
export function useHistory(): HistoryStore {
  const [entries, setEntries] = useState<QueryHistory>(() => parseHistory(localStorage.getItem(STORED)));
  const change = useCallback((next: (before: QueryHistory) => QueryHistory) => {
    setEntries((before) => {
      const after = next(before);
      store(after);
      return after;
    });
  }, []);
  return {
    entries,
    add: (queries) =>
      change((before) => queries.reduceRight((all, query) => remembered(all, query, Date.now()), before)),
    star: (query) => change((before) => starred(before, query)),
    forget: (query) => change((before) => forgotten(before, query)),
    clear: () => change(cleared),
  };
}

function store(entries: QueryHistory): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(entries));
  } catch {
    // Full or forbidden: this page goes on with what it holds.
  }
}
