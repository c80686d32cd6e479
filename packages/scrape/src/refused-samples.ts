/** Tells of samples that the store refuses: a line in the log for each reason, no more than one a minute, and a word for the target's row. */
import type { AppendOutcome, Clock } from '@watchroom/model';
import type { ScrapeLog } from './observer.ts';

type Reason = 'conflict' | 'out_of_order' | 'too_old' | 'too_far_ahead';

/** As in the log of Prometheus, scrape/scrape.go. */
const LOGGED: Readonly<Record<Reason, string>> = {
  conflict: 'Error on ingesting samples with different value but same timestamp',
  out_of_order: 'Error on ingesting out-of-order samples',
  too_old: 'Error on ingesting samples that are too old',
  too_far_ahead: 'Error on ingesting samples that are too far into the future',
};
const WORDS: Readonly<Record<Reason, string>> = {
  conflict: 'another value at the same time',
  out_of_order: 'out of order',
  too_old: 'too old',
  too_far_ahead: 'too far in the future',
};
const TELL_EVERY_MS = 60_000;

interface Untold {
  count: number;
  nextMs: number;
}

export class RefusedSamples {
  readonly #clock: Clock;
  readonly #log: ScrapeLog;
  readonly #untold = new Map<Reason, Untold>();

  constructor(clock: Clock, log: ScrapeLog) {
    this.#clock = clock;
    this.#log = log;
  }

  /** What became of the samples of one scrape; gives a sentence for the target's row, empty when all was well. */
  note(
    outcomes: Iterable<readonly [AppendOutcome, number]>,
    source: Readonly<Record<string, string>>,
  ): string {
    let total = 0;
    const parts: string[] = [];
    for (const [outcome, count] of outcomes) {
      if (!isReason(outcome)) continue;
      total += count;
      parts.push(`${WORDS[outcome]} (${count})`);
      this.#tell(outcome, count, source);
    }
    return total === 0 ? '' : `${total} samples of the last scrape are not stored: ${parts.join(', ')}`;
  }

  #tell(reason: Reason, count: number, source: Readonly<Record<string, string>>): void {
    const nowMs = this.#clock.monotonic();
    const untold = this.#untold.get(reason) ?? { count: 0, nextMs: nowMs };
    this.#untold.set(reason, untold);
    untold.count += count;
    if (nowMs < untold.nextMs) return;
    this.#log.warn(LOGGED[reason], { ...source, num_dropped: untold.count });
    untold.count = 0;
    untold.nextMs = nowMs + TELL_EVERY_MS;
  }
}

function isReason(outcome: AppendOutcome): outcome is Reason {
  return outcome in LOGGED;
}
