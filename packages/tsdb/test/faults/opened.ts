/** A store on a folder that may be harmed. */
import type { ManualClock } from '@watchroom/testkit';
import type { StoreProblem, TimeSeriesStore } from '../../src/index.ts';
import { openStoreWith } from '../../src/open.ts';
import { InlineWriter } from './inline-writer.ts';
import { optionsOf, type Regime } from './recording.ts';

/** `logged` gets the warnings. */
export async function open(
  dir: string,
  clock: ManualClock,
  regime: Regime,
  logged: string[],
): Promise<TimeSeriesStore> {
  const log = { info: () => {}, warn: (line: string) => logged.push(line), error: () => {} };
  const options = { ...optionsOf(dir, clock, regime), log };
  return await openStoreWith(options, (settings) => new InlineWriter(settings));
}

/** Undefined where a problem has none. */
export function reportedSpans(store: TimeSeriesStore): (readonly [number, number] | undefined)[] {
  return store.problems().map(spanOf);
}

function spanOf({ lostFromMs, lostToMs }: StoreProblem): readonly [number, number] | undefined {
  return lostFromMs === undefined || lostToMs === undefined ? undefined : [lostFromMs, lostToMs];
}
