import type { PaintReport, ProblemMessage } from '@watchroom/contract';

/** Running totals unless said otherwise. */
export interface LiveStats {
  /** Now. */
  clients: number;
  subscriptions: number;
  sharedQueries: number;
  /** Grid points held for shared queries, all series together. */
  cells: number;
  /** Since the start. */
  connects: number;
  evaluations: number;
  evaluationFailures: number;
  evaluationSeconds: number;
  /** Evaluations that no feed asked for: grid times that passed in silence. */
  idleEvaluations: number;
  snapshots: number;
  fills: number;
  deltas: number;
  topicFrames: number;
  /** Updates that a slow client got as part of a later one. */
  merged: number;
  beatsSkipped: number;
  problems: number;
  paintReports: number;
}

/** Told as things happen, for histograms and logs; must not throw. */
export interface LiveObserver {
  evaluated?(seconds: number, ok: boolean): void;
  problem?(code: ProblemMessage['code'], message: string): void;
  /** An error that is not a LiveProblem: a bug. */
  unexpected?(error: unknown): void;
  painted?(report: PaintReport): void;
}

export function emptyStats(): LiveStats {
  return {
    clients: 0,
    subscriptions: 0,
    sharedQueries: 0,
    cells: 0,
    connects: 0,
    evaluations: 0,
    evaluationFailures: 0,
    evaluationSeconds: 0,
    idleEvaluations: 0,
    snapshots: 0,
    fills: 0,
    deltas: 0,
    topicFrames: 0,
    merged: 0,
    beatsSkipped: 0,
    problems: 0,
    paintReports: 0,
  };
}
