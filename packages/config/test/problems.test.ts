import { seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { formatProblem, loadConfig } from '../src/index.ts';

function problems(text: string): readonly string[] {
  return loadConfig({ text, file: 'prometheus.yml', baseDir: '/etc' }).problems.map(formatProblem);
}

describe('a problem', () => {
  it.each([
    [
      'scrape_configs:\n  - job_name: a\n    scrape_intervall: 5s\n',
      'prometheus.yml:3:5: unknown key "scrape_intervall" in scrape_configs[0]; did you mean "scrape_interval"?',
    ],
    [
      'scrape_configs:\n  - job_name: a\n    scrape_interval: 15\n',
      'prometheus.yml:3:22: scrape_configs[0].scrape_interval: "15" is not a duration; write "15s" for seconds',
    ],
    [
      'scrape_configs:\n  - job_name: a\n    relabel_configs:\n      - {action: replce, target_label: x}\n',
      'prometheus.yml:4:18: scrape_configs[0].relabel_configs[0].action: unknown relabel action "replce"; did you mean "replace"?',
    ],
    [
      'scrape_configs:\n  - job_name: a\n    kubernetes_sd_configs: [{role: pod}]\n',
      'prometheus.yml:3:5: service discovery kubernetes_sd_configs is not supported; use file_sd_configs or http_sd_configs',
    ],
    [
      'scrape_configs:\n  - job_name: a\n  - job_name: a\n',
      'prometheus.yml:3:5: scrape_configs[1]: found multiple scrape configs with job name "a" (first in prometheus.yml, scrape_configs[0]); give each job its own job_name',
    ],
    [
      'global:\n  scrape_interval: 5s\n  scrape_timeout: 6s\n',
      'prometheus.yml:1:1: global scrape timeout greater than scrape interval; make scrape_timeout at most scrape_interval',
    ],
    [
      'scrape_configs:\n  - job_name: a\n    metric_relabel_configs: [{source_labels: [x], regex: "a(", action: drop}]\n',
      /^prometheus\.yml:3:58: scrape_configs\[0\]\.metric_relabel_configs\[0\]\.regex: invalid regular expression "a\(": .*missing closing/,
    ],
    ['scrape_configs: 5\n', /^prometheus\.yml:1:17: scrape_configs must be a list/],
    ['- a\n', /^prometheus\.yml:1:1: the top level must be a map/],
    ['global: {a: [}\n', /^prometheus\.yml:1:\d+: /],
    ['global:\n  scrape_interval: 1s\nglobal: {}\n', /^prometheus\.yml:3:1: this key is already set/],
    ['watchroom: {storage: {retension: 1d}}\n', /did you mean "retention"\?$/],
    [
      'watchroom:\n  storage: {retention_5m: 3d}\n',
      /^prometheus\.yml:2:27: watchroom\.storage\.retention_5m: "3d" is too short: .*; write 10d or more, or 0s/,
    ],
    [
      'watchroom:\n  storage: {retention_5m: 0s}\n',
      /^prometheus\.yml:2:3: watchroom\.storage: one-hour aggregates .*; write "retention_1h: 0s" too/,
    ],
    [
      'watchroom: {storage: {retention_1h: long}}\n',
      /^prometheus\.yml:1:\d+: watchroom\.storage\.retention_1h: "long" is not a duration/,
    ],
    [
      'watchroom:\n  admin_api: yes please\n',
      'prometheus.yml:2:14: watchroom.admin_api must be true or false, not "yes please"; write true or false',
    ],
    ['watchroom: {embed: {allowed_origins: ["https://a/b"]}}\n', /is not an origin; write it like/],
    [
      'watchroom: {health: {objectives: [{service: a, availability: 1}]}}\n',
      /below 1; write it like 0\.999 or 99\.9%$/,
    ],
  ])('in %j says where, what and how to mend it', (text, expected) => {
    const [first] = problems(text);
    if (typeof expected === 'string') expect(first).toBe(expected);
    else expect(first).toMatch(expected);
  });

  it('is one of all that there are, in the order of the file', () => {
    const found = problems(
      'globl: 1\nscrape_configs:\n  - {job_name: a, scheme: gopher}\n  - {jobname: b}\n',
    );
    expect(found.map((line) => line.split(': ')[0])).toEqual([
      'prometheus.yml:1:1',
      'prometheus.yml:3:27',
      'prometheus.yml:4:5',
      'prometheus.yml:4:6',
    ]);
  });

  it('never shows a secret, nor does the configuration', () => {
    const { config, problems: none } = loadConfig({
      text: `# password: pst
scrape_configs:
  - job_name: a
    basic_auth: {username: u, password: hunter2}
    http_headers: {X-Key: {secrets: [k3y]}}
    http_sd_configs: [{url: "http://u:pst@h/x"}]
  - job_name: b
    authorization: &auth {credentials: t0ken}
  - job_name: c
    authorization: *auth
`,
      file: 'p.yml',
      baseDir: '/',
    });
    expect(none).toEqual([]);
    const [a, b] = config!.scrapeConfigs;
    expect(a!.http.basicAuth!.password!.reveal()).toBe('hunter2');
    expect(`${b!.http.authorization!.credentials}`).toBe('<secret>');
    const everything = JSON.stringify(config);
    for (const secret of ['hunter2', 'k3y', 't0ken']) expect(everything).not.toContain(secret);
    for (const secret of ['hunter2', 'k3y', 't0ken', 'pst'])
      expect(config!.redactedYaml).not.toContain(secret);
    expect(config!.redactedYaml).toContain('password: <secret>');
    const broken = problems(
      'scrape_configs:\n  - job_name: a\n    basic_auth: {password: [hunter2], usename: x}\n',
    );
    expect(broken.join()).not.toContain('hunter2');
  });
});

it('is found in any text without throwing', () => {
  const random = seededRandom(7);
  const seed = `global: {scrape_interval: 5s, external_labels: {a: "\${X}"}}
scrape_configs:
  - job_name: a
    static_configs: [{targets: ["a:1"], labels: {b: c}}]
    relabel_configs: [{source_labels: [a], regex: (.*), target_label: x}]
    tls_config: {min_version: TLS12}
watchroom: {health: {weights: {latency: 2}}}
`;
  const letters = ' \n:-[]{}*&!|>\'"#%@,?a0$\t';
  for (let i = 0; i < 300; i++) {
    let text = seed;
    for (let cuts = Math.ceil(random() * 4); cuts > 0; cuts--) {
      const at = Math.floor(random() * text.length);
      const length = Math.floor(random() * 5);
      const letter = letters[Math.floor(random() * letters.length)]!;
      text = text.slice(0, at) + letter + text.slice(at + length);
    }
    const { config, problems: found } = loadConfig({ text, file: 'f', baseDir: '/' });
    expect(config === undefined).toBe(found.length > 0);
  }
});
