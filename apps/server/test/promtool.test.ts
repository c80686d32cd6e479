/** Prometheus' own client takes us for a Prometheus: promtool query instant, range, series, labels, analyze. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPeer } from '@watchroom/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixedSeries, type LoadedApp, loadedApp } from './loaded-app.ts';

const END_S = 1_780_003_600;
const data = join(import.meta.dirname, '../testdata/grafana/data.json');
const tool = findPeer('promtool', 3);

describe.skipIf(tool === undefined)('promtool query', () => {
  let app: LoadedApp;

  beforeAll(async () => {
    app = await loadedApp(JSON.parse(readFileSync(data, 'utf8')) as FixedSeries[], END_S * 1000 + 5000);
  }, 30_000);
  afterAll(() => app.close());

  async function run(...args: string[]): Promise<string[]> {
    const { stdout } = await promisify(execFile)(tool!, ['query', ...args]);
    return stdout.trim().split('\n');
  }

  it('instant', async () => {
    expect(
      await run('instant', `--time=${END_S}`, app.url, 'sort(sum by (job) (http_requests_total))'),
    ).toEqual(['{job="web"} => 6103 @[1780003600]', '{job="api"} => 9197 @[1780003600]']);
    expect(await run('instant', `--time=${END_S}`, app.url, '1 + 1')).toEqual([`scalar: 2 @[${END_S}]`]);
  });

  it('range', async () => {
    const span = [`--start=${END_S - 120}`, `--end=${END_S}`, '--step=1m'];
    expect(await run('range', ...span, app.url, 'up{job="web"}')).toEqual([
      'up{instance="10.0.1.1:9100", job="web"} =>',
      `1 @[${END_S - 120}]`,
      `1 @[${END_S - 60}]`,
      `1 @[${END_S}]`,
    ]);
  });

  it('series and labels', async () => {
    const span = [`--start=${END_S - 600}`, `--end=${END_S}`];
    expect(await run('series', ...span, '--match=up', app.url)).toEqual([
      '{__name__="up", instance="10.0.0.1:9100", job="api"}',
      '{__name__="up", instance="10.0.0.2:9100", job="api"}',
      '{__name__="up", instance="10.0.1.1:9100", job="web"}',
    ]);
    expect(await run('labels', ...span, app.url, 'job')).toEqual(['api', 'web']);
    expect(await run('labels', ...span, '--match=node_load1{job="web"}', app.url, 'instance')).toEqual([
      '10.0.1.1:9100',
    ]);
  });

  it('analyze', async () => {
    const match = '--match=http_request_duration_seconds_bucket';
    const at = [`--time=${END_S}`, '--duration=30m'];
    const lines = await run('analyze', `--server=${app.url}`, '--type=histogram', match, ...at);
    expect(lines.join('\n')).toContain('- min populated: 5/5.000/5');
  });

  it('faults are told with their kind', async () => {
    await expect(run('instant', app.url, 'sum(')).rejects.toThrow(/parse error|bad_data/);
  });
});
