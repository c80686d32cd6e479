/** The demo fleet's control server as the UI sees it; without `watchroom.demo.control_url` there is no demo. */
import type { DemoStatus } from '@watchroom/contract';

const TIMEOUT_MS = 2000;

const ABSENT: DemoStatus = {
  available: false,
  running: false,
  name: undefined,
  speed: 1,
  phase: 'calm',
  elapsedS: 0,
  lengthS: 0,
};

export class DemoError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'DemoError';
    this.status = status;
  }
}

export class DemoControl {
  #url: string | undefined;

  configure(controlUrl: string | undefined): void {
    this.#url = controlUrl;
  }

  get isConfigured(): boolean {
    return this.#url !== undefined;
  }

  /** Never throws: a fleet that cannot be reached is not available. */
  async status(): Promise<DemoStatus> {
    if (this.#url === undefined) return ABSENT;
    const answer = await fetch(new URL('/status', this.#url), {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => undefined);
    if (!answer?.ok) return ABSENT;
    return { ...ABSENT, ...((await answer.json()) as Partial<DemoStatus>), available: true };
  }

  /** Throws DemoError. */
  async start(incident: { name: string; speed: number; seed?: number | undefined }): Promise<void> {
    await this.#send('POST', incident);
  }

  /** Throws DemoError. */
  async stop(): Promise<void> {
    await this.#send('DELETE');
  }

  async #send(method: string, body?: unknown): Promise<void> {
    if (this.#url === undefined) throw new DemoError(404, 'this server runs no demo fleet');
    const answer = await fetch(new URL('/incident', this.#url), {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    }).catch(() => undefined);
    if (!answer) throw new DemoError(502, 'the demo fleet does not answer');
    if (!answer.ok) throw new DemoError(answer.status, (await answer.text()).slice(0, 300));
  }
}
