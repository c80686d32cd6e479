/** What the rules tell whoever counts and logs. `group` is `file;name`. */
export interface RulesObserver {
  ruleEvaluated(group: string, durationMs: number, ok: boolean): void;
  groupEvaluated(group: string, durationMs: number, samples: number): void;
  /** Evaluations that were skipped because the one before took too long. */
  iterationsMissed(group: string, count: number): void;
  /** The group is no longer in the configuration. */
  groupGone(group: string): void;
  /** A rule failed; it is evaluated again at the next slot. */
  problem(group: string, rule: string, message: string): void;
}

/** Takes no notice. */
export const silentObserver: RulesObserver = {
  ruleEvaluated() {},
  groupEvaluated() {},
  iterationsMissed() {},
  groupGone() {},
  problem() {},
};
