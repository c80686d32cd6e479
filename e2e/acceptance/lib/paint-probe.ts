/**
 * Measures sample-to-pixel time from outside the product: reads the socket's frames before the page does, and calls one
 * painted when an animation frame in which the document has changed since its arrival has been painted. Times are the
 * machine's wall clock (performance.timeOrigin + performance.now()), which the server's clock is too.
 */
import type { Page } from '@playwright/test';

export interface PaintedFrame {
  /** The query or the topic. */
  readonly channel: string;
  readonly kind: string;
  readonly fedAtMs: number;
  readonly receivedAtMs: number;
  readonly paintedAtMs: number;
}

/** To be called before the page is opened. */
export async function installPaintProbe(page: Page): Promise<void> {
  await page.addInitScript(probe);
}

/** Frames painted so far; the probe forgets them. */
export function takePainted(page: Page): Promise<PaintedFrame[]> {
  return page.evaluate(() => {
    const { painted } = window as unknown as { painted: PaintedFrame[] };
    return painted.splice(0);
  });
}

/** Runs in the page. */
function probe(): void {
  const painted: unknown[] = [];
  Object.assign(window, { painted });
  const now = () => performance.timeOrigin + performance.now();
  const channels = new Map<string, string>();
  const waiting: { channel: string; kind: string; fedAtMs: number; receivedAtMs: number; changes: number }[] =
    [];
  const ports = new MessageChannel();
  let changes = 0;
  let requested = false;

  new MutationObserver(() => {
    changes++;
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });

  const request = () => {
    if (requested) return;
    requested = true;
    requestAnimationFrame(() => ports.port2.postMessage(undefined));
  };
  ports.port1.onmessage = () => {
    requested = false;
    const paintedAtMs = now();
    for (const one of waiting.splice(0)) {
      const { changes: before, ...frame } = one;
      if (changes > before) painted.push({ ...frame, paintedAtMs });
      else waiting.push(one);
    }
    if (waiting.length > 0) request();
  };

  const read = (text: unknown) => {
    if (typeof text !== 'string' || !text.startsWith('42[')) return;
    const [event, message] = JSON.parse(text.slice(2)) as [
      string,
      { id: string; kind: string; fedAtMs?: number },
    ];
    if ((event !== 'frame' && event !== 'topic') || typeof message.fedAtMs !== 'number') return;
    const { id, kind, fedAtMs } = message;
    waiting.push({ channel: channels.get(id) ?? id, kind, fedAtMs, receivedAtMs: now(), changes });
    request();
  };
  const Original = window.WebSocket;
  window.WebSocket = class extends Original {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => read(data));
    }
    override send(data: string | Blob | BufferSource): void {
      if (typeof data === 'string' && data.startsWith('42["subscribe"')) {
        const [, { id, channel }] = JSON.parse(data.slice(2)) as [
          string,
          { id: string; channel: { topic?: string; spec?: { query: string } } },
        ];
        channels.set(id, channel.topic ?? channel.spec?.query ?? id);
      }
      super.send(data);
    }
  };
}
