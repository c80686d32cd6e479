import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { corpusFolder } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import {
  formatProblem,
  type LoadResult,
  loadConfig,
  parseTargetGroups,
  readConfigFile,
} from '../src/index.ts';

/** Files of the corpus that load in Prometheus and are refused here, with the reason. */
const DECLINED: Readonly<Record<string, string>> = {
  'conf.good.yml': 'discoveries other than static, file and HTTP',
  'kubernetes_empty_apiserver.good.yml': 'kubernetes_sd_configs',
  'kubernetes_selectors_endpoints.good.yml': 'kubernetes_sd_configs',
  'kubernetes_selectors_node.good.yml': 'kubernetes_sd_configs',
  'kubernetes_selectors_service.good.yml': 'kubernetes_sd_configs',
  'scrape_interval_larger.good.yml': 'dns_sd_configs',
  'scrape_config_files_glob.good.yml': 'vultr_sd_configs in an included file',
  'prometheus-docker.yml': 'docker_sd_configs',
  'prometheus-eureka.yml': 'eureka_sd_configs',
  'prometheus-ionos.yml': 'ionos_sd_configs',
  'prometheus-linode.yml': 'linode_sd_configs',
  'prometheus-nomad.yml': 'nomad_sd_configs',
  'prometheus-outscale.yml': 'outscale_sd_configs',
  'prometheus-puppetdb.yml': 'puppetdb_sd_configs',
  'prometheus-stackit.yml': 'stackit_sd_configs',
  'prometheus-vultr.yml': 'vultr_sd_configs',
  'http.conf.oauth2-proxy.good.yml': 'oauth2 for scraping',
  'http.conf.proxy-headers.good.yml': 'proxy_connect_header for scraping',
  'http.conf.basic-auth.ref.yaml': 'references to a secret manager',
};

/** Bad only through a file that it names and that the corpus lacks; alone it loads, as promtool 3.5.3 says too. */
const ALONE_GOOD: ReadonlySet<string> = new Set(['scrape_config_files_duplicate.bad.yml']);

interface Tally {
  passed: number;
  total: number;
  readonly wrong: string[];
}

function judge(tally: Tally, name: string, result: LoadResult, good: boolean): void {
  tally.total++;
  const loads = result.config !== undefined;
  const wanted = (good || ALONE_GOOD.has(name)) && DECLINED[name] === undefined;
  if (loads === wanted) tally.passed++;
  else tally.wrong.push(`${name}: ${result.problems.map(formatProblem).join(' | ') || 'loaded'}`);
}

describe('the corpus of configurations', () => {
  const folder = corpusFolder('prometheus-config');

  it.runIf(folder)('gets the verdict of each file', () => {
    const tally: Tally = { passed: 0, total: 0, wrong: [] };
    const expected: Record<string, { readonly ok: boolean }> = JSON.parse(
      readFileSync(join(folder!, 'EXPECT.json'), 'utf8'),
    );
    for (const [name, { ok }] of Object.entries(expected)) {
      judge(tally, name, readConfigFile(join(folder!, 'config', name)), ok);
    }
    for (const name of readdirSync(join(folder!, 'examples'))) {
      judge(tally, name, readConfigFile(join(folder!, 'examples', name)), true);
    }
    for (const name of readdirSync(join(folder!, 'http-client'))) {
      judge(tally, name, loadClient(join(folder!, 'http-client', name)), !name.includes('.bad'));
    }
    const declined = Object.keys(DECLINED).length;
    console.log(
      `config corpus: ${tally.passed} passed of ${tally.total}, ${declined} of them declined by name`,
    );
    expect(tally.wrong).toEqual([]);
  });

  it.runIf(folder)('names a line for each refusal', () => {
    for (const name of readdirSync(join(folder!, 'config')).filter((file) => file.endsWith('.yml'))) {
      const { problems } = readConfigFile(join(folder!, 'config', name));
      for (const problem of problems) expect(problem.line, formatProblem(problem)).toBeGreaterThan(0);
    }
  });
});

/** An HTTP client section alone, as part of a scrape config. */
function loadClient(path: string): LoadResult {
  const section = readFileSync(path, 'utf8');
  const [head, depth] = basename(path).startsWith('tls_config') ? ['    tls_config:\n', 6] : ['', 4];
  const indented = section.replaceAll(/^/gm, ' '.repeat(depth));
  const text = `scrape_configs:\n  - job_name: client\n${head}${indented}\n`;
  return loadConfig({ text, file: 'client.yml', baseDir: '/etc' });
}

describe('the corpus of target files', () => {
  const folder = corpusFolder('file-sd');

  it.runIf(folder)('reads the good and refuses the bad', () => {
    const good = ['valid.yml', 'valid2.yml', 'valid.json', 'good-sd-file.json'];
    const bad = ['invalid_nil.yml', 'bad-sd-file-format.yml'];
    const faults = [...good, ...bad].map((name) => {
      const format = name.endsWith('json') ? 'json' : 'yaml';
      return parseTargetGroups(readFileSync(join(folder!, name), 'utf8'), format, name).fault;
    });
    expect(faults.slice(0, good.length)).toEqual(good.map(() => undefined));
    expect(faults.slice(good.length).every((fault) => fault !== undefined)).toBe(true);
    console.log(`target file corpus: ${good.length + bad.length} passed of ${good.length + bad.length}`);
  });
});
