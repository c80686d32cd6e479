import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  defaultConfig,
  formatProblem,
  globRuleFiles,
  loadConfig,
  printConfig,
  readConfigFile,
  type WatchroomConfig,
} from '../src/index.ts';

function good(text: string, env: Record<string, string> = {}): WatchroomConfig {
  const { config, problems } = loadConfig({ text, file: 'p.yml', baseDir: '/etc/wr', env });
  if (!config) throw new Error(problems.map(formatProblem).join('\n'));
  return config;
}

describe('defaults', () => {
  it('are those of Prometheus', () => {
    const { global, scrapeConfigs } = good('scrape_configs: [{job_name: a}]');
    expect(global).toMatchObject({
      scrapeIntervalMs: 60_000,
      scrapeTimeoutMs: 10_000,
      evaluationIntervalMs: 60_000,
    });
    expect(scrapeConfigs[0]).toMatchObject({
      scrapeIntervalMs: 60_000,
      scrapeTimeoutMs: 10_000,
      metricsPath: '/metrics',
      scheme: 'http',
      honorLabels: false,
      honorTimestamps: true,
      enableCompression: true,
      nameValidation: 'utf8',
      nameEscaping: 'allow-utf-8',
      sampleLimit: 0,
    });
    expect(scrapeConfigs[0]!.http.followRedirects).toBe(true);
  });

  it('hold for a file that is empty', () => {
    expect(good('').watchroom).toMatchObject({
      storage: { retentionMs: 15 * 86_400_000, maxSizeBytes: 10 * 1024 ** 3 },
      embed: { allowedOrigins: [] },
    });
  });

  it('go from global to the jobs, a short interval cutting the timeout', () => {
    const [a, b] = good(`
global: {scrape_interval: 1s, sample_limit: 10, metric_name_validation_scheme: legacy}
scrape_configs: [{job_name: a}, {job_name: b, scrape_interval: 500ms, sample_limit: 5}]
`).scrapeConfigs;
    expect(a).toMatchObject({ scrapeIntervalMs: 1000, scrapeTimeoutMs: 1000, sampleLimit: 10 });
    expect(a).toMatchObject({ nameValidation: 'legacy', nameEscaping: 'underscores' });
    expect(b).toMatchObject({ scrapeIntervalMs: 500, scrapeTimeoutMs: 500, sampleLimit: 5 });
  });

  it('scrape watchroom and this machine when there is no file', () => {
    const { scrapeConfigs } = defaultConfig({ host: '::1', port: 9191 });
    expect(scrapeConfigs.map((job) => [job.jobName, job.metricsPath, job.scrapeIntervalMs])).toEqual([
      ['watchroom', '/metrics', 5000],
      ['node', '/metrics/node', 1000],
    ]);
    expect(scrapeConfigs[0]!.staticConfigs[0]!.targets).toEqual(['[::1]:9191']);
    expect(scrapeConfigs[0]!.staticConfigs[0]!.labels.get('service')).toBe('watchroom');
  });
});

describe('values', () => {
  it('are read as Go reads YAML', () => {
    const [job] = good(`
scrape_configs:
  - job_name: 0123
    honor_labels: yes
    params: {a: [1, x]}
    static_configs: [{targets: ["h:1"], labels: {n: 007, b: true}}]
    relabel_configs: [{source_labels: [a], regex: 1, target_label: t, replacement: 1.0}]
`).scrapeConfigs;
    expect(job!.jobName).toBe('0123');
    expect(job!.honorLabels).toBe(true);
    expect(job!.params).toEqual({ a: ['1', 'x'] });
    expect(job!.staticConfigs[0]!.labels.toObject()).toEqual({ b: 'true', n: '007' });
    expect(job!.relabelConfigs[0]!.replacement).toBe('1.0');
  });

  it('are taken from merged maps', () => {
    const jobs = good(`
scrape_configs:
  - &base {job_name: a, scrape_interval: 5s, scheme: https}
  - {<<: *base, job_name: b, scheme: http}
`).scrapeConfigs;
    expect(jobs.map((job) => [job.jobName, job.scrapeIntervalMs, job.scheme])).toEqual([
      ['a', 5000, 'https'],
      ['b', 5000, 'http'],
    ]);
  });

  it('fill external labels from the environment', () => {
    const text = `global: {external_labels: {a: "\${WHERE}", b: "x$\${WHERE}", c: "$$", d: "\${NONE}"}}`;
    expect(good(text, { WHERE: 'here' }).global.externalLabels.toObject()).toEqual({
      a: 'here',
      b: `x\${WHERE}`,
      c: '$',
    });
  });

  it('make paths absolute from the file', () => {
    const { ruleFiles, scrapeConfigs } = good(`
rule_files: [a/*.yml, /b.yml]
scrape_configs: [{job_name: a, file_sd_configs: [{files: [t/*.json]}], tls_config: {ca_file: ca.crt}}]
`);
    expect(ruleFiles).toEqual(['/etc/wr/a/*.yml', '/b.yml']);
    expect(scrapeConfigs[0]!.fileSdConfigs[0]!.files).toEqual(['/etc/wr/t/*.json']);
    expect(scrapeConfigs[0]!.http.tls.caFile).toBe('/etc/wr/ca.crt');
  });

  it('of our own section are read', () => {
    const { watchroom } = good(`
watchroom:
  storage: {retention: 30d, max_size: 512MB}
  health:
    interval: 10s
    weights: {latency: 40}
    objectives: [{service: order, availability: 99.9%, latency: 250ms, p99: 1s}]
    rules_file: health.yml
  embed: {allowed_origins: ["https://portal.example.com/", "http://h:8080"]}
  demo: {control_url: "http://127.0.0.1:9400"}
  promql: {experimental: true, timeout: 30s, max_samples: 1000, max_concurrency: 4, lookback_delta: 1m}
`);
    expect(watchroom).toMatchObject({
      storage: { retentionMs: 30 * 86_400_000, maxSizeBytes: 512 * 1024 ** 2 },
      health: {
        enabled: true,
        intervalMs: 10_000,
        weights: { latency: 40 },
        objectives: [{ service: 'order', availability: 0.999, latencySeconds: 0.25, p99Seconds: 1 }],
        rulesFile: '/etc/wr/health.yml',
      },
      embed: { allowedOrigins: ['https://portal.example.com', 'http://h:8080'] },
      promql: { experimental: true, timeoutMs: 30_000, maxSamples: 1000, lookbackDeltaMs: 60_000 },
    });
  });
});

it.each([
  ['', '', ['OpenMetricsText1.0.0', false]],
  ['', 'scrape_native_histograms: true', ['PrometheusProto', true]],
  ['watchroom: {scrape: {native_histograms: true}}', '', ['PrometheusProto', true]],
  [
    'watchroom: {scrape: {native_histograms: true}}',
    'scrape_native_histograms: false',
    ['OpenMetricsText1.0.0', false],
  ],
  ['global: {scrape_native_histograms: true}', '', ['PrometheusProto', true]],
  [
    'global: {scrape_native_histograms: true, scrape_protocols: [PrometheusText0.0.4]}',
    '',
    ['PrometheusText0.0.4', true],
  ],
])('%j with %j in the job asks first for %j', (head, own, expected) => {
  const more = own === '' ? '' : `, ${own}`;
  const { config } = loadConfig({
    text: `${head}\nscrape_configs: [{job_name: a${more}}]\n`,
    file: 'p.yml',
    baseDir: '/',
  });
  const [job] = config?.scrapeConfigs ?? [];
  expect([job?.scrapeProtocols[0], job?.scrapeNativeHistograms]).toEqual(expected);
});

it('warns of what is accepted and has no effect', () => {
  const { config, warnings } = loadConfig({
    text: `global: {query_log_file: q.log}
runtime: {gogc: 50}
otlp: {keep_identifying_resource_attributes: true}
tracing: {endpoint: "h:1"}
storage: {tsdb: {retention: {time: 1d}}}
remote_write: [{url: "http://h/w"}]
scrape_configs: [{job_name: a}]
`,
    file: 'p.yml',
    baseDir: '/',
  });
  expect(config).toBeDefined();
  expect(warnings.map((warning) => warning.path).sort()).toEqual([
    'global.query_log_file',
    'otlp',
    'remote_write',
    'runtime',
    'storage.tsdb.retention',
    'tracing',
  ]);
});

describe('files', () => {
  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'watchroom-config-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  }

  it('include scrape configs, with paths of their own and jobs of one name refused', () => {
    const path = folder();
    mkdirSync(join(path, 'more'));
    writeFileSync(
      join(path, 'p.yml'),
      'scrape_config_files: [more/*.yml]\nscrape_configs: [{job_name: a}]\n',
    );
    const included = join(path, 'more/b.yml');
    writeFileSync(included, 'scrape_configs: [{job_name: b, tls_config: {ca_file: ../ca.crt}}]\n');
    const { config } = readConfigFile(join(path, 'p.yml'));
    expect(config!.scrapeConfigs.map((job) => job.jobName)).toEqual(['a', 'b']);
    expect(config!.scrapeConfigs[1]!.http.tls.caFile).toBe(join(path, 'ca.crt'));
    writeFileSync(included, 'scrape_configs:\n  - job_name: a\n');
    const [problem] = readConfigFile(join(path, 'p.yml')).problems;
    expect(problem).toMatchObject({ file: included, line: 2 });
    expect(problem!.message).toContain('multiple scrape configs with job name "a"');
  });

  it('that are not there are a problem, not an exception', () => {
    const [problem] = readConfigFile('/nowhere/p.yml').problems;
    expect(formatProblem(problem!)).toBe(
      'p.yml:1:1: cannot read /nowhere/p.yml: no such file; check the path and its permissions',
    );
  });

  it('of rules are found by their patterns, each once', () => {
    const path = folder();
    for (const name of ['b.yml', 'a.yml', 'c.txt']) writeFileSync(join(path, name), '');
    expect(globRuleFiles([join(path, '*.yml'), join(path, 'a.yml')])).toEqual([
      join(path, 'a.yml'),
      join(path, 'b.yml'),
    ]);
  });
});

it('prints what loads again to the same', () => {
  const text =
    'global:\n  scrape_interval: 5s\nscrape_configs:\n  - job_name: "007"\n    params: {a: ["1"]}\n';
  const first = good(text);
  const again = good(printConfig(first));
  expect(again.scrapeConfigs).toEqual(first.scrapeConfigs);
});
