/**
 * Root font size in pixels. Pages that may hang on a wall set it from the size of their screen; charts need it, as SVG has
 * no layout.
 */
import { useEffect, useSyncExternalStore } from 'react';

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

/** Root font size for a screen in px: 16 up to full HD, then growing slower than the screen, so that a 4K wall shows more, too. */
export function screenScale(width: number, height: number): number {
  const size = Math.min(width / 1920, height / 1080);
  return DEFAULT_ROOT_PX * Math.min(2, Math.max(1, size ** 0.7));
}

/** The root font size follows the screen while the caller is shown. */
export function useScreenScale(): void {
  useEffect(() => {
    const apply = () => setRootSize(screenScale(window.innerWidth, window.innerHeight));
    apply();
    window.addEventListener('resize', apply);
    return () => {
      window.removeEventListener('resize', apply);
      setRootSize(undefined);
    };
  }, []);
}
