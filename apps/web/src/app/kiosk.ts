/** Kiosk mode: no top bar, full screen where the browser allows it. `?kiosk=1` starts in it; Escape leaves it. */
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let kiosk = false;

function set(on: boolean): void {
  if (kiosk === on) return;
  kiosk = on;
  for (const listener of listeners) listener();
}

/** Called once at start. */
export function watchKiosk(): void {
  kiosk = new URLSearchParams(window.location.search).get('kiosk') === '1';
  document.addEventListener('fullscreenchange', () => {
    if (!document.fullscreenElement) set(false);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') set(false);
  });
}

/** A refusal by the browser leaves kiosk mode without full screen. */
export async function enterKiosk(): Promise<void> {
  set(true);
  try {
    await document.documentElement.requestFullscreen();
  } catch {
    return;
  }
}

export async function leaveKiosk(): Promise<void> {
  set(false);
  if (document.fullscreenElement) await document.exitFullscreen();
}

export function useKiosk(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => kiosk,
  );
}
