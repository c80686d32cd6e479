/** Recorded answers of Prometheus 3.5.3 over fixed data: ours are the same, what we decline stands below by name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFolder } from '@watchroom/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixedSeries, type LoadedApp, loadedApp } from './loaded-app.ts';

interface Recording {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly params: readonly [string, string][];
  };
  readonly response: { readonly status: number; readonly json?: unknown; readonly text?: string };
}

const folder = corpusFolder('http-api');
const data = corpusFolder('promql-compliance');
const recordings: Recording[] =
  folder && data ? JSON.parse(readFileSync(join(folder, 'recorded-fixed-data.json'), 'utf8')) : [];

/** Requests whose answer is another on purpose; the value says why. */
const DECLINED: Readonly<Record<string, string>> = {
  'GET /api/v1/status/config?': 'the configuration that is running is another one',
  'GET /api/v1/status/runtimeinfo?': 'times and figures of another process; its fields are compared',
  'GET /api/v1/status/tsdb?': 'Prometheus had just compacted its head; its fields are compared',
  'POST /api/v1/read?': 'there is no remote read',
  'GET /-/healthy?': 'our own sentence with the same status',
  'POST /-/reload?': 'reloading needs no flag here',
};

function nameOf({ request }: Recording): string {
  return `${request.method} ${request.path}?${new URLSearchParams(request.params as [string, string][])}`;
}

async function ask(url: string, { request }: Recording): Promise<{ status: number; json: unknown }> {
  const form = new URLSearchParams(request.params as [string, string][]);
  const answer =
    request.method === 'GET'
      ? await fetch(`${url}${request.path}?${form}`)
      : await fetch(`${url}${request.path}`, { method: request.method, body: form });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json');
  return { status: answer.status, json: isJson ? JSON.parse(text) : text };
}

describe.skipIf(recordings.length === 0)('http-api corpus', () => {
  let app: LoadedApp;

  beforeAll(async () => {
    const { series } = JSON.parse(readFileSync(join(data!, 'data.json'), 'utf8')) as {
      series: FixedSeries[];
    };
    app = await loadedApp(series, 1_780_000_700_000);
  });

  afterAll(() => app.close());

  it('fixed data: every answer is Prometheus’ own', async () => {
    const failed: string[] = [];
    let declined = 0;
    for (const recording of recordings) {
      const name = nameOf(recording);
      if (DECLINED[name] !== undefined) {
        declined++;
        continue;
      }
      const { status, json } = await ask(app.url, recording);
      const wanted = recording.response.json ?? recording.response.text;
      const same =
        status === recording.response.status &&
        JSON.stringify(sorted(json)) === JSON.stringify(sorted(wanted));
      if (!same)
        failed.push(
          `${name}\n  ours   ${status} ${JSON.stringify(json).slice(0, 600)}\n  theirs ${recording.response.status} ${JSON.stringify(wanted).slice(0, 600)}`,
        );
    }
    console.log(
      `http-api fixed: ${recordings.length - failed.length - declined} passed of ${recordings.length}, ${declined} declined`,
    );
    expect(failed.join('\n')).toBe('');
  });
});

if (recordings.length === 0) console.log('http-api: the corpora are absent; passing on');

/** Objects with their names in order, so that texts compare. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
