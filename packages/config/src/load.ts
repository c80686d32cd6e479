/**
 * prometheus.yml to a checked configuration, or to the list of its faults. Reads no file, clock or environment.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/ and Prometheus config/config.go (3.5).
 */
import { LineCounter, type Node, parseAllDocuments } from 'yaml';
import { readAlerting } from './alerting.ts';
import { readGlobal } from './global.ts';
import { absolute } from './path.ts';
import { Place, type Source } from './place.ts';
import { redactedText } from './print.ts';
import type { ConfigProblem } from './problem.ts';
import { list, readObject, text } from './read.ts';
import { readRemoteRead, readRemoteWrite, readTracing } from './remote.ts';
import { readScrape } from './scrape-config.ts';
import { readOtlp, readRuntime, readStorage } from './storage.ts';
import type { GlobalConfig, ScrapeConfig, WatchroomConfig } from './types.ts';
import { readWatchroom } from './watchroom.ts';

export interface LoadInput {
  readonly text: string;
  /** The name that problems show. */
  readonly file: string;
  /** The folder that relative paths start from. */
  readonly baseDir: string;
  /** Fills `${NAME}` in external labels. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The files that `scrape_config_files` names, already read. */
  readonly scrapeFiles?: readonly IncludedFile[] | undefined;
}

export interface IncludedFile {
  readonly text: string;
  readonly file: string;
  readonly baseDir: string;
}

export interface LoadResult {
  /** Undefined exactly when there are problems. */
  readonly config: WatchroomConfig | undefined;
  readonly problems: readonly ConfigProblem[];
  /** Settings that are accepted and have no effect here. */
  readonly warnings: readonly ConfigProblem[];
}

/** Reads a configuration. Never throws on input. */
export function loadConfig(input: LoadInput): LoadResult {
  const root = openDocument(input);
  const { source } = root;
  if (source.problems.length > 0)
    return { config: undefined, problems: source.problems, warnings: source.warnings };
  const config = readRoot(root, input);
  const problems = source.problems.toSorted(byPosition);
  return { config: problems.length > 0 ? undefined : config, problems, warnings: source.warnings };
}

/** The absolute patterns of `scrape_config_files`, for whoever reads the files. */
export function scrapeConfigFilesOf(input: LoadInput): readonly string[] {
  const root = openDocument(input);
  const place = root.entries().find(([key]) => key === 'scrape_config_files')?.[1];
  return (place?.items() ?? []).map((item) => absolute(item, item.text) ?? '').filter((path) => path !== '');
}

function byPosition(a: ConfigProblem, b: ConfigProblem): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : 0;
}

function openDocument(input: IncludedFile): Place {
  const lines = new LineCounter();
  // Pretty errors would quote the source, and with it its secrets.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: true } as const;
  const documents = parseAllDocuments(input.text, options);
  const [document, second] = Array.isArray(documents) ? documents : [];
  const [empty] = parseAllDocuments('null');
  const source: Source = {
    file: input.file,
    baseDir: input.baseDir,
    document: document ?? empty!,
    lines,
    problems: [],
    warnings: [],
    redactions: new Map(),
  };
  const at = (offset: number) => new Place(source, null, '', offset);
  for (const error of document?.errors ?? []) {
    const message =
      error.code === 'DUPLICATE_KEY' ? 'this key is already set in the same section' : error.message;
    at(error.pos[0]).problem(message, error.code === 'DUPLICATE_KEY' ? 'merge the two' : 'correct the YAML');
  }
  if (second)
    at(second.range?.[0] ?? 0).warning('only the first YAML document is used', 'remove what follows "---"');
  return new Place(source, (document?.contents as Node | null | undefined) ?? null, '', 0);
}

function readRoot(root: Place, input: LoadInput): WatchroomConfig | undefined {
  const keep = (place: Place): Place => place;
  const raw = readObject(root, {
    global: keep,
    runtime: keep,
    rule_files: list(text),
    scrape_config_files: list(text),
    scrape_configs: keep,
    alerting: keep,
    remote_write: list(readRemoteWrite, 'empty or null remote write config section'),
    remote_read: list(readRemoteRead, 'empty or null remote read config section'),
    storage: keep,
    tracing: keep,
    otlp: keep,
    watchroom: keep,
  });
  if (!raw) return undefined;
  const nothing = new Place(root.source, null, '', 0);
  const watchroom = readWatchroom(raw.watchroom ?? nothing);
  const global = readGlobal(raw.global ?? nothing, input.env ?? {}, watchroom.scrape.nativeHistograms);
  readRuntime(raw.runtime ?? nothing);
  readTracing(raw.tracing ?? nothing);
  readOtlp(raw.otlp ?? nothing, global.nameValidation);
  warnRemote(root, raw.remote_write, raw.remote_read);
  return {
    file: input.file,
    baseDir: input.baseDir,
    global,
    ruleFiles: (raw.rule_files ?? []).map((file) => absolute(root, file) ?? file),
    scrapeConfigs: readJobs(root.source, raw.scrape_configs ?? nothing, global, input.scrapeFiles ?? []),
    alerting: readAlerting(raw.alerting ?? nothing),
    remoteWrite: raw.remote_write ?? [],
    remoteRead: raw.remote_read ?? [],
    storage: readStorage(raw.storage ?? nothing),
    watchroom,
    redactedYaml: root.source.problems.length === 0 ? redactedText(root.source) : '',
  };
}

function warnRemote(
  root: Place,
  write: readonly { readonly name: string }[] | undefined,
  read: readonly { readonly name: string }[] | undefined,
): void {
  for (const [key, entries] of [
    ['remote_write', write],
    ['remote_read', read],
  ] as const) {
    const names = (entries ?? []).map((entry) => entry.name).filter((name) => name !== '');
    const place = root.entries().find(([name]) => name === key)?.[1];
    if (new Set(names).size < names.length)
      place?.problem(`${key}: found multiple configs with one name`, 'give each its own name');
    if ((entries?.length ?? 0) > 0) place?.warning(`${key} is checked and kept, but not used yet`);
  }
}

function readJobs(
  source: Source,
  place: Place,
  global: GlobalConfig,
  included: readonly IncludedFile[],
): readonly ScrapeConfig[] {
  const jobs: ScrapeConfig[] = [];
  const seen = new Map<string, string>();
  const take = (from: Place): void => {
    const read = (at: Place): undefined => {
      const job = readScrape(at, global);
      if (!job) return;
      const before = seen.get(job.jobName);
      if (before !== undefined && job.jobName !== '') {
        const message = `found multiple scrape configs with job name ${JSON.stringify(job.jobName)}`;
        at.problem(`${at.name}: ${message} (first in ${before})`, 'give each job its own job_name');
      }
      seen.set(job.jobName, `${at.source.file}, ${at.name}`);
      jobs.push(job);
    };
    list(read, 'empty or null scrape config section')(from);
  };
  take(place);
  for (const file of included) {
    const root = openDocument(file);
    const raw = readObject(root, { scrape_configs: (at: Place): Place => at });
    if (raw?.scrape_configs) take(raw.scrape_configs);
    source.problems.push(...root.source.problems);
    source.warnings.push(...root.source.warnings);
  }
  return jobs;
}
