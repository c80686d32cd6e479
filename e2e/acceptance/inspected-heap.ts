/**
 * The heap of a running Node process after a forced collection, through its inspector (opened with SIGUSR1 on
 * 127.0.0.1:9229).
 */
const INSPECTOR = 'http://127.0.0.1:9229/json';
const OPEN_WITHIN_MS = 5000;

interface Answer {
  readonly id: number;
  readonly result: { readonly usedSize?: number; readonly result?: { readonly value: unknown } };
}

const SPACES =
  "Object.fromEntries(process.getBuiltinModule('node:v8').getHeapSpaceStatistics().map((s) => [s.space_name, s.space_used_size]))";

export class InspectedHeap {
  readonly #socket: WebSocket;
  #next = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async open(pid: number): Promise<InspectedHeap> {
    process.kill(pid, 'SIGUSR1');
    const endMs = performance.now() + OPEN_WITHIN_MS;
    for (;;) {
      const answer = await fetch(INSPECTOR).catch(() => undefined);
      if (answer?.ok) {
        const [target] = (await answer.json()) as { webSocketDebuggerUrl: string }[];
        return new InspectedHeap(await connected(target!.webSocketDebuggerUrl));
      }
      if (performance.now() > endMs) throw new Error(`process ${pid} opened no inspector`);
      await new Promise((next) => setTimeout(next, 100));
    }
  }

  /** Bytes in use after a full collection. */
  async used(): Promise<number> {
    await this.#ask('HeapProfiler.collectGarbage');
    return (await this.#ask('Runtime.getHeapUsage')).result.usedSize ?? Number.NaN;
  }

  /** Bytes in use by heap space (old_space, code_space, ...), as they stand. */
  async spaces(): Promise<Readonly<Record<string, number>>> {
    const answer = await this.#ask('Runtime.evaluate', { expression: SPACES, returnByValue: true });
    return (answer.result.result?.value ?? {}) as Record<string, number>;
  }

  close(): void {
    this.#socket.close();
  }

  #ask(method: string, params: object = {}): Promise<Answer> {
    const id = this.#next++;
    return new Promise((done) => {
      const listen = (event: MessageEvent): void => {
        const answer = JSON.parse(String(event.data)) as Answer;
        if (answer.id !== id) return;
        this.#socket.removeEventListener('message', listen);
        done(answer);
      };
      this.#socket.addEventListener('message', listen);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

function connected(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  return new Promise((done, fail) => {
    socket.addEventListener('open', () => done(socket));
    socket.addEventListener('error', () => fail(new Error(`cannot connect to ${url}`)));
  });
}
