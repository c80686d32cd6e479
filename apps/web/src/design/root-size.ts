/** Root font size in pixels. The wall sets it from the size of its screen; charts need it, as SVG has no layout. */
import { useSyncExternalStore } from 'react';

export const DEFAULT_ROOT_PX = 16;
const listeners = new Set<() => void>();
let current = DEFAULT_ROOT_PX;

/** Undefined goes back to the default. */
export function setRootSize(px: number | undefined): void {
  const next = px ?? DEFAULT_ROOT_PX;
  if (next === current) return;
  current = next;
  document.documentElement.style.fontSize = px === undefined ? '' : `${next}px`;
  for (const listener of listeners) listener();
}

export function useRootSize(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
