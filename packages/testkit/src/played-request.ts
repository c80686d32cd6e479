/**
 * Requests such as Grafana's Prometheus data source sends, written by hand, and answers in a form that two servers can agree
 * on.
 */
export interface PlayedRequest {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly params: readonly (readonly [string, string])[];
}

export interface PlayedAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly allow: string | null;
  readonly body: unknown;
}

const HEADERS = {
  'user-agent': 'watchroom-tests (in place of Grafana)',
  accept: 'application/json, text/plain, */*',
  'accept-encoding': 'gzip',
  'x-dashboard-uid': 'shop',
  'x-panel-id': '2',
};

/** Addresses of targets and the fields named in `volatile` are left out of the answer. */
export async function played(
  url: string,
  { method, path, params }: PlayedRequest,
  volatile: Readonly<Record<string, string>>,
): Promise<PlayedAnswer> {
  const form = new URLSearchParams(params.map(([name, value]): [string, string] => [name, value]));
  const answer =
    method === 'POST'
      ? await fetch(`${url}${path}`, { method, headers: HEADERS, body: form })
      : await fetch(`${url}${path}?${form}`, { headers: HEADERS });
  const text = (await answer.text()).replace(/127\.0\.0\.1:\d+/g, 'target:1');
  const type = answer.headers.get('content-type');
  const body = type?.startsWith('application/json') ? JSON.parse(text, hidden) : text;
  return { status: answer.status, type, allow: answer.headers.get('allow'), body };

  function hidden(name: string, value: unknown): unknown {
    return Object.hasOwn(volatile, name) && typeof value !== 'object' ? '…' : value;
  }
}
