/** Time to load a configuration of 500 jobs. */
import { loadConfig } from '../src/index.ts';

const JOBS = 500;
const text = `scrape_configs:\n${Array.from(
  { length: JOBS },
  (_, i) => `  - job_name: job-${i}
    static_configs: [{targets: ["10.0.0.${i % 250}:9100"], labels: {service: s${i}}}]
    relabel_configs: [{source_labels: [__address__], regex: "(.+):.*", target_label: host}]
`,
).join('')}`;
const startMs = performance.now();
const { config } = loadConfig({ text, file: 'bench.yml', baseDir: '/' });
if (config?.scrapeConfigs.length !== JOBS) throw new Error('did not load');
console.log(`config: ${JOBS} jobs in ${(performance.now() - startMs).toFixed(0)} ms`);
