import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { config, job, rig, serve, text, until } from './harness.ts';

describe('a reload', () => {
  it('loses no scrape of a target that stays, and keeps its phase and connection', async () => {
    let n = 0;
    const ports = new Set<number | undefined>();
    const address = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      text(() => `a_total ${++n}\n`)(request, response);
    });
    const other = await serve(text(() => 'b 1\n'));
    const { cycle, series, manager } = await rig(job(address));
    const both = job(address);
    const [first] = both.scrapeConfigs;
    const grown = { ...both, scrapeConfigs: [first!, { ...job(other).scrapeConfigs[0]!, jobName: 'b' }] };
    await cycle();
    await cycle();
    await manager.apply(grown);
    await cycle(2);
    await manager.apply(job(address));
    await cycle();
    await manager.apply(job(address, ['sample_limit: 100']));
    await cycle();
    const [, ...times] = series('a_total').map(([time]) => time);
    expect(times.map((time) => time - times[0]!)).toEqual([0, 1000, 2000, 3000]);
    expect(series('a_total').map(([, value]) => value)).toEqual([1, 2, 3, 4, 5]);
    expect(ports.size).toBe(1);
  });

  it('that falls into a scrape lets it end under the old settings', async () => {
    let release: () => void = () => {};
    let asked = 0;
    const address = await serve((request, response) => {
      asked++;
      release = () => text(() => 'a 1\nb 1\n')(request, response);
      if (asked > 1) release();
    });
    const { clock, cycle, values, manager, counts } = await rig(job(address));
    await clock.advance(1000);
    await until(() => asked === 1, 'the request');
    await manager.apply(
      job(address, ['metric_relabel_configs: [{source_labels: [__name__], regex: b, action: drop}]']),
    );
    release();
    await until(() => counts.get('scraped') === 1, 'the scrape under way');
    expect(values('b')).toEqual([1]);
    await cycle();
    expect(values('a')).toEqual([1, 1]);
    expect(values('b')).toEqual([1, 'stale']);
  });

  it('starts each target at its own place, the same after a restart', async () => {
    const address = await serve(text(() => 'a 1\n'));
    const places = [];
    for (let i = 0; i < 2; i++) {
      const { cycle, series } = await rig(job(address));
      await cycle();
      places.push(series('a')[0]![0]);
    }
    expect(places[0]).toBe(places[1]);
  });
});

describe('a target that is removed', () => {
  it('has its series ended at the time of the next scrape', async () => {
    const address = await serve(text(() => 'a 1\n'));
    const { cycle, clock, series, values, manager, feeds } = await rig(job(address));
    await cycle();
    await cycle();
    const [first, second] = series('a');
    await manager.apply(config('scrape_configs: []'));
    expect(manager.targets()).toEqual([]);
    await clock.advance(5000);
    expect(series('a')).toEqual([first, second, [second![0] + 1000, 'stale']]);
    expect(values('up')).toEqual([1, 1, 'stale']);
    expect(values('scrape_samples_scraped')).toEqual([1, 1, 'stale']);
    expect(feeds.at(-1)!.metricNames.has('a')).toBe(true);
  });

  it('and comes back goes on without a marker in between', async () => {
    const address = await serve(text(() => 'a 1\n'));
    const { cycle, values, manager, clock } = await rig(job(address));
    await cycle();
    await manager.apply(config('scrape_configs: []'));
    await manager.apply(job(address));
    await cycle();
    await cycle();
    await cycle();
    await clock.advance(500);
    expect(values('a').filter((value) => value === 1).length).toBeGreaterThanOrEqual(3);
    expect(values('a').at(-1)).toBe(1);
  });

  it('leaves no marker when the server stops', async () => {
    const address = await serve(text(() => 'a 1\n'));
    const { cycle, values, manager, clock } = await rig(job(address));
    await cycle();
    await manager.close();
    await clock.advance(5000);
    expect(values('a')).toEqual([1]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('discovery', () => {
  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'watchroom-sd-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  }

  it('follows its files, and keeps the old targets when a file is bad', async () => {
    const path = folder();
    const address = await serve(text(() => 'a 1\n'));
    const file = join(path, 'targets.yml');
    writeFileSync(file, `- targets: ["${address}"]\n  labels: {zone: one}\n`);
    const { clock, manager, counts } = await rig(
      config(
        `scrape_configs: [{job_name: f, file_sd_configs: [{files: ["${path}/*.yml"], refresh_interval: 30s}]}]`,
      ),
    );
    const zones = (): string[] => manager.targets().map((target) => target.labels.get('zone'));
    expect(zones()).toEqual(['one']);
    expect(manager.targets()[0]!.discoveredLabels.get('__meta_filepath')).toBe(file);

    writeFileSync(`${file}.new`, `- targets: ["${address}"]\n  labels: {zone: two}\n`);
    renameSync(`${file}.new`, file);
    await clock.advance(30_000);
    await until(() => zones()[0] === 'two', 'the changed file');

    writeFileSync(file, '- targats: [x]\n');
    await clock.advance(30_000);
    await until(() => (counts.get('file failed') ?? 0) > 0, 'the fault');
    expect(zones()).toEqual(['two']);
    expect(manager.discoveries()[0]!.lastError).toContain('unknown key "targats"');

    rmSync(file);
    await clock.advance(30_000);
    await until(() => zones().length === 0, 'the targets to go');
  });

  it('sees a changed file long before the refresh', async () => {
    const path = folder();
    const file = join(path, 'targets.json');
    writeFileSync(file, '[]');
    const { clock, manager } = await rig(
      config(
        `scrape_configs: [{job_name: f, file_sd_configs: [{files: ["${file}"], refresh_interval: 1h}]}]`,
      ),
    );
    expect(manager.targets()).toEqual([]);
    writeFileSync(file, '[{"targets": ["127.0.0.1:1"]}]');
    for (let i = 0; i < 300 && manager.targets().length === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      await clock.advance(10);
    }
    expect(manager.targets().map((target) => target.url)).toEqual(['http://127.0.0.1:1/metrics']);
  });

  it('lets go of the targets of a file that is gone, named without a pattern', async () => {
    const path = folder();
    const file = join(path, 'targets.json');
    writeFileSync(file, '[{"targets": ["127.0.0.1:1"]}]');
    const { clock, manager } = await rig(
      config(
        `scrape_configs: [{job_name: f, scrape_interval: 1h, file_sd_configs: [{files: ["${file}"], refresh_interval: 30s}]}]`,
      ),
    );
    expect(manager.targets().length).toBe(1);
    rmSync(file);
    await clock.advance(30_000);
    await until(() => manager.targets().length === 0, 'the targets to go');
    expect(manager.discoveries()[0]!.lastError).toContain('ENOENT');
  });

  it('logs a fault that stays once, another fault, and the end of it', async () => {
    const bodies = ['{}', '{}', '{}', 'no json', '[]', '[]'];
    const address = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(bodies.shift() ?? '[]');
    });
    const { clock, counts, logged } = await rig(
      config(
        `scrape_configs: [{job_name: h, http_sd_configs: [{url: "http://${address}/sd", refresh_interval: 30s}]}]`,
      ),
    );
    const refreshes = (): number => (counts.get('http failed') ?? 0) + (counts.get('http refreshed') ?? 0);
    for (let round = 2; round <= 6; round++) {
      await until(() => clock.pendingTimers >= 1, 'the next refresh');
      await clock.advance(30_000);
      await until(() => refreshes() === round, `refresh ${round}`);
    }
    expect(counts.get('http failed')).toBe(4);
    expect(logged).toEqual([
      'discovery failed; the targets it gave before stay',
      'discovery failed; the targets it gave before stay',
      'discovery works again',
    ]);
  });

  it('asks over HTTP, and keeps the last good answer', async () => {
    const answers = [
      () => ({ status: 200, body: '[{"targets":["127.0.0.1:1"],"labels":{"zone":"one"}}]' }),
      () => ({ status: 500, body: 'no' }),
      () => ({ status: 200, body: '{"not":"a list"}' }),
      () => ({ status: 200, body: '[]' }),
    ];
    let asked: Record<string, unknown> = {};
    const address = await serve((request, response) => {
      asked = request.headers;
      const { status, body } = answers.shift()!();
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body);
    });
    const { clock, manager, counts } = await rig(
      config(`
scrape_configs:
  - job_name: h
    scrape_interval: 1h
    http_sd_configs: [{url: "http://${address}/sd", refresh_interval: 30s}]
`),
    );
    expect(manager.targets().map((target) => target.labels.get('zone'))).toEqual(['one']);
    expect(manager.targets()[0]!.discoveredLabels.get('__meta_url')).toBe(`http://${address}/sd`);
    expect(asked).toMatchObject({
      accept: 'application/json',
      'x-prometheus-refresh-interval-seconds': '30',
    });
    for (let failures = 1; failures <= 2; failures++) {
      await clock.advance(30_000);
      await until(() => counts.get('http failed') === failures, 'the failure');
      expect(manager.targets().length).toBe(1);
      await until(() => clock.pendingTimers >= 2, 'the next refresh');
    }
    await clock.advance(30_000);
    await until(() => manager.targets().length === 0, 'the empty list');
  });

  it('scrapes one address once, however often it is listed, and shows what relabelling did', async () => {
    const { manager } = await rig(
      config(`
scrape_configs:
  - job_name: r
    static_configs: [{targets: ["a:1", "a:1", "b:1", "c:1"]}]
    relabel_configs:
      - {source_labels: [__address__], regex: b.*, action: drop}
      - {source_labels: [__address__], regex: c.*, target_label: __address__, replacement: ""}
      - {source_labels: [__address__], regex: "(.*):.*", target_label: host}
`),
    );
    expect(manager.targets().map((target) => target.labels.toString())).toEqual([
      '{host="a", instance="a:1", job="r"}',
    ]);
    const faults = manager
      .dropped()
      .map(({ discoveredLabels, fault }) => [discoveredLabels.get('__address__'), fault]);
    expect(faults).toEqual([
      ['b:1', ''],
      ['c:1', 'no address'],
    ]);
    const { id } = manager.targets()[0]!;
    expect(manager.trace('r', id)?.steps.at(-1)?.labels?.get('host')).toBe('a');
  });
});
