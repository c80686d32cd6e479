import { useRef } from 'react';

/** The value of the last render as long as it says the same, so that memos below it hold. */
export function useStable<T>(value: T, same: (one: T, other: T) => boolean): T {
  const kept = useRef(value);
  if (!same(kept.current, value)) kept.current = value;
  return kept.current;
}
