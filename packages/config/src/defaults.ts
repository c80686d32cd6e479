import { formatDuration } from '@watchroom/model';
import { loadConfig } from './load.ts';
import type { WatchroomConfig } from './types.ts';

/** What runs without a configuration file: watchroom itself and this machine, both served by our own listener. */
export function defaultConfig(listen: { readonly host: string; readonly port: number }): WatchroomConfig {
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  const target = JSON.stringify(`${host}:${listen.port}`);
  const text = `global:
  scrape_interval: ${formatDuration(5000)}
  evaluation_interval: ${formatDuration(5000)}
scrape_configs:
  - job_name: watchroom
    static_configs:
      - targets: [${target}]
        labels: { service: watchroom }
  - job_name: node
    scrape_interval: ${formatDuration(1000)}
    metrics_path: /metrics/node
    static_configs:
      - targets: [${target}]
`;
  const { config, problems } = loadConfig({ text, file: 'built-in configuration', baseDir: '.' });
  if (!config) throw new Error(`the built-in configuration is sound: ${JSON.stringify(problems)}`);
  return config;
}
