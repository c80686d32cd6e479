import type { StoreLog, StoreProblem } from '../types.ts';

/** Problems that are kept for `problems()`; later ones are counted in the log only. */
const MAX_PROBLEMS = 1_000;

/** Collects what was found damaged, and says it once in the log. */
export class ProblemLog {
  readonly list: StoreProblem[] = [];
  readonly #log: StoreLog;

  constructor(log: StoreLog) {
    this.#log = log;
  }

  add(problem: StoreProblem): void {
    if (this.list.length < MAX_PROBLEMS) this.list.push(problem);
    const where = problem.movedTo === undefined ? '' : `; set aside as ${problem.movedTo}`;
    const span =
      problem.lostFromMs === undefined || problem.lostToMs === undefined
        ? ''
        : `; lost: ${timeText(problem.lostFromMs)} to ${timeText(problem.lostToMs)}`;
    this.#log.error(`${problem.file}: ${problem.reason}${where}${span}`);
  }
}

/** A time from a damaged row may be beyond what a Date can hold. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
