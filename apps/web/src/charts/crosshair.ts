/** The time under the pointer, shared by every chart of the page: each draws its own line there, outside React. */
type Listener = (timeMs: number | undefined) => void;
const listeners = new Set<Listener>();
let current: number | undefined;

export const crosshair = {
  get timeMs(): number | undefined {
    return current;
  },
  set(timeMs: number | undefined): void {
    if (timeMs === current) return;
    current = timeMs;
    for (const listener of listeners) listener(timeMs);
  },
  subscribe(listener: Listener): () => void {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};
