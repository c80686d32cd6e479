/** Runs Prometheus' test scripts. */
export interface ScriptResult {
  readonly evals: number;
  readonly passed: number;
  readonly failures: readonly { readonly line: number; readonly message: string }[];
}
