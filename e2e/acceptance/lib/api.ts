/** The Prometheus HTTP API as far as the measuring scripts need it. */
export interface RawSeries {
  readonly metric: Readonly<Record<string, string>>;
  /** For an instant query over a vector. */
  readonly value?: readonly [timeS: number, value: string];
  /** For a range selector. */
  readonly values?: readonly (readonly [timeS: number, value: string])[];
}

export async function query(url: string, promql: string, timeS?: number): Promise<readonly RawSeries[]> {
  const body = new URLSearchParams({
    query: promql,
    ...(timeS === undefined ? {} : { time: String(timeS) }),
  });
  const answer = await fetch(new URL('/api/v1/query', url), { method: 'POST', body });
  const { status, error, data } = (await answer.json()) as {
    status: string;
    error?: string;
    data: { result: readonly RawSeries[] };
  };
  if (status !== 'success') throw new Error(`${promql}: ${error}`);
  return data.result;
}

/** The single value of an instant query; NaN when there is none. */
export async function number(url: string, promql: string): Promise<number> {
  return Number((await query(url, promql))[0]?.value?.[1] ?? Number.NaN);
}

export async function getJson<Body>(url: string | URL): Promise<Body> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Body;
}

/** Series of a text exposition whose name and labels begin with `prefix`, as `[name{labels}, value]`. */
export async function readMetrics(url: string, prefix: string): Promise<(readonly [string, number])[]> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map(
      (line) =>
        [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const,
    );
}
