import { writeFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, runApp, runTarget, type TestApp } from './running-app.ts';

let target: Awaited<ReturnType<typeof runTarget>>;
let server: TestApp;

const configFor = (address: string, more = ''): string => `global:
  scrape_interval: 1s
  evaluation_interval: 1s
scrape_configs:
  - job_name: shop
    static_configs:
      - targets: ['${address}']
        labels: {service: order}
    basic_auth: {username: u, password: hunter2}
watchroom:
  embed: {allowed_origins: ['https://portal.example']}
${more}`;

interface Body {
  status: string;
  data: never;
  errorType?: string;
  error?: string;
}

async function body(path: string): Promise<Body> {
  return (await (await server.get(path)).json()) as Body;
}

function gets(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((done, fail) => {
    const { hostname, port } = new URL(server.url);
    request({ hostname, port, path, method, headers }, (answer) => {
      answer.resume();
      done(answer.statusCode ?? 0);
    })
      .on('error', fail)
      .end();
  });
}

beforeAll(async () => {
  target = await runTarget();
  server = await runApp(configFor(target.address));
  await eventually(async () => {
    const { data } = await body('/api/v1/query?query=t_total');
    return (data as { result: unknown[] }).result.length > 0 ? true : undefined;
  });
});

afterAll(async () => {
  await server.close();
  await target.close();
});

describe("Prometheus' API", () => {
  it('answers an instant query in its own form', async () => {
    const { data } = await body(`/api/v1/query?query=t_gauge&time=${Date.now() / 1000}`);
    const [sample] = (data as { result: { metric: object; value: [number, string] }[] }).result;
    expect(sample?.metric).toEqual({
      __name__: 't_gauge',
      instance: target.address,
      job: 'shop',
      service: 'order',
    });
    expect(sample?.value[1]).toBe('1.5');
  });

  it('takes a form by POST as well, with repeated match[]', async () => {
    const answer = await fetch(`${server.url}/api/v1/series`, {
      method: 'POST',
      body: new URLSearchParams([
        ['match[]', 't_total'],
        ['match[]', 't_gauge'],
      ]),
    });
    const { data } = (await answer.json()) as { data: { __name__: string }[] };
    expect(data.map(({ __name__ }) => __name__)).toEqual(['t_gauge', 't_total']);
  });

  it.each([
    ['/api/v1/query?query=up%7B', 400, 'bad_data', /parse error/],
    ['/api/v1/query?query=up&time=yesterday', 400, 'bad_data', /invalid parameter "time"/],
    ['/api/v1/query_range?query=up&start=0&end=100000&step=1', 400, 'bad_data', /11,000 points/],
    ['/api/v1/query_range?query=up&start=10&end=0&step=1', 400, 'bad_data', /must not be before/],
    ['/api/v1/series', 400, 'bad_data', /no match\[\] parameter/],
    [
      '/api/v1/query?query=label_replace(up,"job","$1","service","(")',
      422,
      'execution',
      /regular expression/,
    ],
  ])('refuses %s with %i %s', async (path, status, errorType, error) => {
    const answer = await server.get(encodeURI(decodeURI(path)));
    const failure = (await answer.json()) as Body;
    expect(failure.error).toMatch(error);
    expect([answer.status, failure.errorType]).toEqual([status, errorType]);
  });

  it('gathers nothing on a kept connection', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let i = 0; i < 15; i++) {
      await new Promise((done, fail) => {
        const asked = request(`${server.url}/api/v1/query?query=up`, { agent }, (answer) => {
          ports.add(answer.socket.localPort);
          answer.resume().once('end', done);
        });
        asked.on('error', fail).end();
      });
    }
    agent.destroy();
    process.off('warning', note);
    expect(ports.size).toBe(1);
    expect(warnings).toEqual([]);
  });

  it('lists labels, metadata, targets, rules and status', async () => {
    expect((await body('/api/v1/label/service/values')).data).toEqual(['order']);
    expect((await body('/api/v1/metadata?metric=t_total')).data).toEqual({
      t_total: [{ type: 'counter', help: 'Ten each time.', unit: '' }],
    });
    const targets = (await body('/api/v1/targets')).data as {
      activeTargets: { health: string; labels: object }[];
    };
    expect(targets.activeTargets.map(({ health }) => health)).toEqual(['up']);
    const rules = (await body('/api/v1/rules?type=alert')).data as {
      groups: { rules: { name: string }[] }[];
    };
    expect(rules.groups.flatMap((group) => group.rules.map(({ name }) => name))).toContain('HealthLow');
    expect((await body('/api/v1/status/buildinfo')).data).toMatchObject({
      version: '3.5.0',
      revision: expect.stringContaining('watchroom'),
    });
  });

  it('shows the configuration without its secrets', async () => {
    const text = await (await server.get('/api/v1/status/config')).text();
    expect(text).toContain('<secret>');
    expect(text).not.toContain('hunter2');
  });
});

describe('explaining a query', () => {
  const explain = (request: unknown): Promise<Response> =>
    fetch(`${server.url}/api/explore/explain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });

  it('tells series and samples of each node, of a range or at a time', async () => {
    const query = 'sum(rate(t_total[5m]))';
    const toMs = Date.now();
    for (const times of [{ timeMs: toMs }, { fromMs: toMs - 60_000, toMs, stepMs: 15_000 }]) {
      const answer = await explain({ query, ...times });
      expect(answer.status).toBe(200);
      const { tree } = (await answer.json()) as { tree: { name: string; children: { name: string }[] } };
      expect([tree.name, tree.children[0]?.name]).toEqual(['sum', 'rate']);
    }
  });

  it('refuses what it cannot run, with the place of the fault', async () => {
    const broken = await explain({ query: 'sum(', timeMs: 0 });
    expect(broken.status).toBe(400);
    expect(((await broken.json()) as { message: string }).message).toMatch(/^1:\d+: parse error/);
    expect((await explain({ query: 'up' })).status).toBe(400);
    expect((await explain({ query: 'up', fromMs: 0, toMs: 1e9, stepMs: 1 })).status).toBe(400);
  });
});

describe('security', () => {
  it('frames nothing but embedded pages, and those only for the origins allowed', async () => {
    const wall = (await server.get('/alerts')).headers;
    expect(wall.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(wall.get('x-frame-options')).toBe('DENY');
    const embed = (await server.get('/embed/service/order')).headers;
    expect(embed.get('content-security-policy')).toContain('frame-ancestors https://portal.example');
    expect(embed.get('x-frame-options')).toBeNull();
  });

  it('answers no name that could be rebound DNS', async () => {
    expect(await gets('/api/v1/query?query=up', { host: 'evil.example' })).toBe(421);
    expect(await gets('/api/v1/query?query=up', { host: 'localhost:8080' })).toBe(200);
  });

  it('lets no other origin change anything', async () => {
    expect(await gets('/-/reload', { origin: 'https://evil.example' }, 'POST')).toBe(403);
    expect(await gets('/-/reload', { origin: server.url }, 'POST')).toBe(200);
  });

  it('guards every answer, also to what cannot be read', async () => {
    for (const path of ['/%', '/api/v1/label/%F0/values', '/nothing', '/api/docs', '/api/v1/query?query=(']) {
      const { headers } = await server.get(path);
      expect(headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    }
    expect(await body('/api/v1/label/%F0/values')).toMatchObject({ status: 'error', errorType: 'bad_data' });
    const docs = await server.get('/api/docs');
    expect(docs.headers.get('content-security-policy')).not.toMatch(/https:|upgrade-insecure|swagger\.io/);
  });

  it('says which methods a path takes', async () => {
    const wrong = await server.get('/-/reload');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST, PUT']);
    expect(await gets('/explore', {}, 'POST')).toBe(405);
    expect(await gets('/api/v1/query', {}, 'OPTIONS')).toBe(204);
    expect(await gets('/nothing', {}, 'OPTIONS')).toBe(404);
  });

  it('does not start where there is no sign-in: the flag is asked for', async () => {
    const { serveCommand } = await import('../src/cli/serve.ts');
    await expect(serveCommand(['--listen', '0.0.0.0:0'])).rejects.toThrow(/no sign-in yet/);
  });
});

describe('the life of a server', () => {
  it('keeps the old configuration when the new one is faulty, and says so', async () => {
    writeFileSync(
      server.configFile,
      configFor(target.address).replace('scrape_interval', 'scrape_intervall'),
    );
    const refused = await fetch(`${server.url}/-/reload`, { method: 'POST' });
    expect(refused.status).toBe(500);
    expect(await refused.text()).toMatch(/prometheus\.yml:2:3: .*scrape_intervall.*scrape_interval/);
    const metrics = await (await server.get('/metrics')).text();
    expect(metrics).toContain('watchroom_config_last_reload_successful 0');
    const before = target.scrapes();
    await eventually(async () => (target.scrapes() > before ? true : undefined));

    writeFileSync(server.configFile, configFor(target.address));
    expect((await fetch(`${server.url}/-/reload`, { method: 'POST' })).status).toBe(200);
    expect(await (await server.get('/metrics')).text()).toContain(
      'watchroom_config_last_reload_successful 1',
    );
  });

  it('explains in one line a data folder or a configuration that cannot be used', async () => {
    const { serveCommand } = await import('../src/cli/serve.ts');
    const file = `${server.folder}/a-file`;
    writeFileSync(file, 'global: {scrape_intervall: 1s}\n');
    const listen = ['--listen', '127.0.0.1:0'];
    const folders = [file, `${file}/below`, ...(process.platform === 'linux' ? ['/proc/none/below'] : [])];
    for (const data of folders) {
      await expect(serveCommand([...listen, '--data', data])).rejects.toThrow(
        /^cannot write to the data folder \S+ \([^)]+\); choose another with --data DIR$/,
      );
    }
    await expect(
      serveCommand([...listen, '--data', `${server.folder}/new`, '--config', file]),
    ).rejects.toThrow(/^the configuration has a fault: a-file:1:10: .*scrape_intervall.*$/);
  });

  it('takes external labels and query settings from a reload', async () => {
    const rules = `${server.folder}/rules.yml`;
    writeFileSync(
      rules,
      `groups: [{name: g, rules: [{alert: Always, expr: vector(1), annotations: {at: '{{ $externalLabels.site }}'}}]}]\n`,
    );
    const text = (site: string, maxSamples: string): string =>
      configFor(target.address, `  promql: {max_samples: ${maxSamples}}\n`).replace(
        'global:\n',
        `rule_files: ['${rules}']\nglobal:\n  external_labels: {site: ${site}}\n`,
      );
    const seen = async (site: string): Promise<true> =>
      eventually(async () => {
        const { data } = await body('/api/v1/alerts');
        const { alerts } = data as { alerts: { annotations: Record<string, string> }[] };
        return alerts.some(({ annotations }) => annotations['at'] === site) ? true : undefined;
      });
    const reload = async (config: string): Promise<void> => {
      writeFileSync(server.configFile, config);
      const answer = await fetch(`${server.url}/-/reload`, { method: 'POST' });
      expect(await answer.text()).toBe('');
    };
    await reload(text('first', '1000000'));
    await seen('first');
    await reload(text('second', '1'));
    const refused = await body('/api/v1/query?query=count_over_time(up%5B5m%5D)');
    expect(refused).toMatchObject({ status: 'error', errorType: 'execution' });
    await reload(text('second', '1000000'));
    await seen('second');
    await reload(configFor(target.address));
  });

  it('explains a taken port, and lets go of the folder', async () => {
    const holder = createServer();
    await new Promise<void>((listening) => holder.listen(0, '127.0.0.1', listening));
    const { port } = holder.address() as AddressInfo;
    const { startApp } = await import('../src/app.ts');
    const { systemClock } = await import('@watchroom/model');
    const options = {
      version: '0.0.0',
      configFile: undefined,
      dataDir: `${server.folder}/other`,
      clock: systemClock,
      log: { info() {}, warn() {}, error() {} },
      env: {},
    };
    await expect(startApp({ ...options, listen: { host: '127.0.0.1', port } })).rejects.toThrow(
      `127.0.0.1:${port} is taken by another program`,
    );
    holder.close();
    const app = await startApp({ ...options, listen: { host: '127.0.0.1', port: 0 } });
    await app.close();
  });

  it('exposes a metric for every stage', async () => {
    const metrics = await (await server.get('/metrics')).text();
    for (const name of [
      'watchroom_scrapes_total',
      'watchroom_parse_errors_total',
      'watchroom_store_appended_samples_total',
      'watchroom_store_disk_bytes',
      'prometheus_rule_group_last_duration_seconds{rule_group=',
      'watchroom_live_subscriptions',
      '# TYPE watchroom_live_dropped_updates_total counter',
      '# TYPE watchroom_sample_to_pixel_seconds histogram',
      'http_request_duration_seconds_bucket',
      'watchroom_query_seconds_bucket',
      '# TYPE watchroom_query_failures_total counter',
    ]) {
      expect(metrics, name).toContain(name);
    }
  });
});
