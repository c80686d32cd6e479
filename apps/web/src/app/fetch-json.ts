/** The one way the web app speaks HTTP: JSON in and out, errors with the server's own words. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface FetchJsonOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** The parsed body, still to be checked by the caller's schema; undefined for an empty one. Throws ApiError on any status but 2xx. */
export async function fetchJson(path: string, options: FetchJsonOptions = {}): Promise<unknown> {
  const { method = 'GET', body, signal } = options;
  const response = await fetch(path, {
    method,
    signal: signal ?? null,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  const parsed = parse(text);
  if (!response.ok) throw new ApiError(response.status, messageOf(parsed) ?? `HTTP ${response.status}`);
  return parsed;
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Our own API says `message`, the Prometheus API says `error`. */
function messageOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { message, error } = body as { message?: unknown; error?: unknown };
  if (typeof message === 'string') return message;
  return typeof error === 'string' ? error : undefined;
}
