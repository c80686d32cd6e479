/** Recorded answers of Prometheus 3.5.3 over fixed data: ours are the same, what we decline stands below by name. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { corpusFolder } from '@watchroom/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixedSeries, type LoadedApp, loadedApp } from './loaded-app.ts';
import { eventually } from './running-app.ts';

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
      `http-api fixed: ${recordings.length - failed.length - declined} passed of ${recordings.length}, ${declined} declined:`,
      DECLINED,
    );
    expect(failed.join('\n')).toBe('');
  });
});

/** Of a running Prometheus: times and figures differ, so that the fields are compared. */
const LIVE_DECLINED: Readonly<Record<string, string>> = {
  'GET /api/v1/alertmanagers?': 'no Alertmanager is sent to yet: the lists are there and empty',
};
/** Fields that only we have. */
const OURS = new Set(['data.activeTargets[].id', 'data.droppedTargets[].fault']);
/** Fields that are there only when there is something to say. */
const OCCASIONAL = /lastError$|keepFiringSince$|groupNextToken$/;
/** What is in them is the configuration's. */
const LABELS = /^(labels|discoveredLabels|annotations|metric|target|droppedTargetCounts)$/;
const live: Recording[] = folder ? JSON.parse(readFileSync(join(folder, 'recorded-live.json'), 'utf8')) : [];

function fieldsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((inner) => fieldsOf(inner, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => {
    const below = path === '' ? name : `${path}.${name.replace(/^fake_.*/, '*')}`;
    return LABELS.test(name) && typeof inner === 'object' ? [below] : fieldsOf(inner, below);
  });
}

const LIVE_CONFIG = (
  address: string,
  rules: string,
): string => `global: {scrape_interval: 3s, scrape_timeout: 2s, evaluation_interval: 3s}
rule_files: ['${rules}']
watchroom: {storage: {retention: 100y}, health: {enabled: false}, admin_api: true}
scrape_configs:
- job_name: fake
  static_configs: [{targets: ['${address}'], labels: {team: a}}]
- job_name: dropped
  static_configs: [{targets: ['127.0.0.1:1']}]
  relabel_configs: [{source_labels: [__address__], regex: '.*:1', action: drop}]
- job_name: down
  static_configs: [{targets: ['127.0.0.1:1']}]
`;

describe.skipIf(live.length === 0)('http-api corpus, live', () => {
  it('every answer has the fields of Prometheus’ own', async () => {
    const exporter = createServer((_request, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(
        '# TYPE fake_up gauge\n# HELP fake_up help\nfake_up{q="a"} 1\n# TYPE fake_requests_total counter\n# HELP fake_requests_total R.\nfake_requests_total 5\n',
      );
    });
    await new Promise<void>((listening) => exporter.listen(0, '127.0.0.1', listening));
    const { port } = exporter.address() as AddressInfo;
    const app = await loadedApp(
      [],
      1_790_000_000_000,
      LIVE_CONFIG(`127.0.0.1:${port}`, join(folder!, 'live-rules.yml')),
    );
    const failed: string[] = [];
    let declined = 0;
    try {
      for (let i = 0; i < 8; i++) {
        const before = await fetch(`${app.url}/api/v1/targets`).then((answer) => answer.text());
        await app.clock.advance(3000);
        await eventually(async () =>
          (await fetch(`${app.url}/api/v1/targets`).then((answer) => answer.text())) === before
            ? undefined
            : true,
        );
      }
      for (const recording of live) {
        const name = nameOf(recording);
        if (LIVE_DECLINED[name] !== undefined) {
          declined++;
          continue;
        }
        const { status, json } = await ask(app.url, recording);
        const theirs = new Set(fieldsOf(recording.response.json));
        const ours = new Set(fieldsOf(json));
        const missing = [...theirs].filter((field) => !ours.has(field) && !OCCASIONAL.test(field));
        const extra = [...ours].filter(
          (field) => !theirs.has(field) && !OURS.has(field) && !OCCASIONAL.test(field),
        );
        if (status !== recording.response.status || missing.length + extra.length > 0)
          failed.push(`${name} ${status}: missing ${missing}, extra ${extra}`);
      }
    } finally {
      await app.close();
      exporter.closeAllConnections();
      exporter.close();
    }
    console.log(
      `http-api live: ${live.length - failed.length - declined} passed of ${live.length}, ${declined} declined:`,
      LIVE_DECLINED,
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
