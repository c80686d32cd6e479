/**
 * Who may import whom: each row imports only what it names. ARCHITECTURE.md shows the same table; the check compares
 * every import of the sources (not of tests, which may also use testkit) with this data.
 */
export interface ImportRow {
  readonly folder: string;
  /** Packages of ours, without the scope. */
  readonly may: readonly string[];
}

export const IMPORT_TABLE: readonly ImportRow[] = [
  { folder: 'packages/model', may: [] },
  { folder: 'packages/exposition', may: ['model'] },
  { folder: 'packages/relabel', may: ['model'] },
  { folder: 'packages/config', may: ['model', 'relabel'] },
  { folder: 'packages/tsdb', may: ['model'] },
  { folder: 'packages/promql', may: ['model'] },
  { folder: 'packages/chart-data', may: ['model'] },
  { folder: 'packages/contract', may: ['model'] },
  { folder: 'packages/host', may: [] },
  { folder: 'packages/scrape', may: ['model', 'exposition', 'relabel', 'config'] },
  { folder: 'packages/rules', may: ['model', 'promql'] },
  { folder: 'packages/remote', may: ['model'] },
  { folder: 'packages/health', may: ['model', 'contract'] },
  { folder: 'packages/live', may: ['model', 'contract'] },
  { folder: 'packages/testkit', may: ['model'] },
  { folder: 'apps/demo-fleet', may: [] },
  {
    folder: 'apps/server',
    may: [
      'model',
      'exposition',
      'relabel',
      'config',
      'tsdb',
      'promql',
      'contract',
      'host',
      'scrape',
      'rules',
      'remote',
      'health',
      'live',
    ],
  },
  { folder: 'apps/web', may: ['model', 'contract', 'chart-data', 'promql'] },
  { folder: 'e2e', may: ['contract', 'testkit'] },
];

/** Only tests and benchmarks may use these. */
export const DEVELOPMENT_ONLY: readonly string[] = ['testkit'];
