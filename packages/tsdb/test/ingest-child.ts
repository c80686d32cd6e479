/** A process that ingests until it is killed, and says after each commit what it has committed. */
import { writeSync } from 'node:fs';
import { Labels, systemClock } from '@watchroom/model';
import { openStore } from '../src/index.ts';

const [dir = '', targets = '5', series = '50', everyMs = '50', chunkRows = '20'] = process.argv.slice(2);
const store = await openStore({
  dir,
  clock: systemClock,
  retentionMs: 86_400_000,
  maxBytes: 1e9,
  chunkRows: Number(chunkRows),
  markStaleOnOpen: true,
});
let tick = 0;
const labels = Array.from({ length: Number(targets) }, (_, target) =>
  Array.from({ length: Number(series) }, (_, i) =>
    Labels.fromObject({ __name__: `m${i % 20}`, target: String(target), i: String(i), job: 'kill' }),
  ),
);

function scrapeOnce(target: number): void {
  const timeMs = Date.now();
  const appender = store.appender();
  labels[target]!.forEach((set, i) => {
    appender.append(appender.series(set), timeMs, timeMs + i);
  });
  appender.commit();
  // A synchronous write: what is said has been handed to the parent before a kill can come.
  writeSync(1, `${target} ${timeMs}\n`);
}

const targetsCount = Number(targets);
setInterval(
  () => {
    scrapeOnce(tick++ % targetsCount);
  },
  Math.max(1, Number(everyMs) / targetsCount),
);
