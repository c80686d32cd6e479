/** Requests such as Grafana's Prometheus data source sends are answered as Prometheus 3.5 answered it; see testdata/grafana/README.md. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type PlayedAnswer, type PlayedRequest, played } from '@watchroom/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixedSeries, type LoadedApp, loadedApp } from './loaded-app.ts';
import { eventually } from './running-app.ts';

const folder = join(import.meta.dirname, '../testdata/grafana');
const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
const requests = read<PlayedRequest[]>('requests.json');
const answers = read<PlayedAnswer[]>('answers.json');
const volatile = read<Record<string, string>>('volatile.json');

describe('the requests of Grafana', () => {
  let app: LoadedApp;
  const exporter = createServer((_request, response) => {
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    response.end(readFileSync(join(folder, 'exporter.txt')));
  });

  beforeAll(async () => {
    await new Promise<void>((listening) => exporter.listen(0, '127.0.0.1', listening));
    const { port } = exporter.address() as AddressInfo;
    const config = `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ['${join(folder, 'rules.yml')}']
scrape_configs:
  - {job_name: shop, static_configs: [{targets: ['127.0.0.1:${port}']}]}
watchroom: {storage: {retention: 100y}, health: {enabled: false}}
`;
    app = await loadedApp(read<FixedSeries[]>('data.json'), 1_790_000_000_000, config);
    await app.clock.advance(1100);
    await eventually(async () => {
      const answer = await fetch(`${app.url}/api/v1/metadata`);
      const { data } = (await answer.json()) as { data: object };
      return Object.keys(data).length > 0 ? true : undefined;
    });
    await app.clock.advance(1100);
  }, 30_000);

  afterAll(async () => {
    await app.close();
    exporter.closeAllConnections();
    exporter.close();
  });

  it('there is an answer for each, and most have something in them', () => {
    expect(answers.length).toBe(requests.length);
    const empty = answers.filter(({ body }) => /"(data|result)":(\[\]|\{\})/.test(JSON.stringify(body)));
    expect(empty.length).toBeLessThan(8);
  });

  it.each(requests.map((request, i) => [request.name, request, answers[i]!] as const))(
    '%s',
    async (_name, request, answer) => {
      expect(await played(app.url, request, volatile)).toEqual(answer);
    },
  );
});
