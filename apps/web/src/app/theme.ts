/** Colour theme: `?theme=` wins, then what the person chose, then what the system prefers. Written to <html data-theme>. */
import { useSyncExternalStore } from 'react';

export type Theme = 'dark' | 'light';
const STORED = 'watchroom.theme';
const listeners = new Set<() => void>();
const isTheme = (text: string | null): text is Theme => text === 'dark' || text === 'light';

function initial(): Theme {
  const asked = new URLSearchParams(window.location.search).get('theme');
  if (isTheme(asked)) return asked;
  const stored = window.localStorage.getItem(STORED);
  if (isTheme(stored)) return stored;
  return window.matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

/** Called once before the first render, so that no frame shows the wrong theme. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = initial();
}

export function setTheme(theme: Theme): void {
  window.localStorage.setItem(STORED, theme);
  document.documentElement.dataset.theme = theme;
  for (const listener of listeners) listener();
}

const current = (): Theme => (document.documentElement.dataset.theme === 'light' ? 'light' : 'dark');

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
}
