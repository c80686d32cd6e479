/** A fault in a configuration: where, what, and what to write instead. */
export interface ConfigProblem {
  /** As it was named to the loader. */
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** Counts from 1. */
  readonly column: number;
  /** For example `scrape_configs[2].relabel_configs[0].action`; '' for the document. */
  readonly path: string;
  readonly message: string;
  /** What to do about it; '' when the message says all. */
  readonly remedy: string;
}

/** One line: `prometheus.yml:12:3: unknown key "scrape_intervall" in scrape_configs[0]; did you mean "scrape_interval"?` */
export function formatProblem(problem: ConfigProblem): string {
  const { file, line, column, message, remedy } = problem;
  return `${file}:${line}:${column}: ${message}${remedy === '' ? '' : `; ${remedy}`}`;
}
