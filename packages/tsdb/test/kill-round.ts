/** Starts an ingesting process, kills it with SIGKILL after a while, reopens its folder and looks for what is missing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Matcher, systemClock } from '@watchroom/model';
import { openStore } from '../src/index.ts';

export interface KillRound {
  readonly committed: number;
  /** Commits that are missing or incomplete after the restart. */
  readonly lost: number;
  /** Age at the kill of the oldest missing commit; 0 when none is missing. */
  readonly oldestLostMs: number;
  readonly openMs: number;
  /** Their reasons. */
  readonly problems: readonly string[];
  readonly outages: number;
}

export interface KillLoad {
  readonly targets: number;
  readonly series: number;
  readonly everyMs: number;
  readonly chunkRows: number;
}

export async function killRound(dir: string, load: KillLoad, killAfterMs: number): Promise<KillRound> {
  const numbers = [load.targets, load.series, load.everyMs, load.chunkRows].map(String);
  const child = spawn(process.execPath, [join(import.meta.dirname, 'ingest-child.ts'), dir, ...numbers], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, killAfterMs));
  const killedAtMs = Date.now();
  child.kill('SIGKILL');
  await once(child, 'close');

  const startedMs = performance.now();
  const store = await openStore({
    dir,
    clock: systemClock,
    retentionMs: 86_400_000,
    maxBytes: 1e9,
    markStaleOnOpen: true,
  });
  const openMs = performance.now() - startedMs;
  const found = new Set<string>();
  const counts = new Map<string, number>();
  const data = await store.select([new Matcher('job', '=', 'kill')], {
    startMs: 0,
    endMs: Number.POSITIVE_INFINITY,
    stepMs: 0,
    rangeMs: 0,
    func: '',
  });
  for (const { labels, timestamps, values } of data) {
    for (let k = 0; k < timestamps.length; k++) {
      if (values[k] !== timestamps[k]! + Number(labels.get('i'))) continue;
      const key = `${labels.get('target')} ${timestamps[k]}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count === load.series) found.add(key);
    }
  }
  const commits = said.split('\n').filter((line) => /^\d+ \d+$/.test(line));
  const lost = commits.filter((line) => !found.has(line));
  const oldest = lost.length > 0 ? Math.min(...lost.map((line) => Number(line.split(' ')[1]))) : killedAtMs;
  const round = {
    committed: commits.length,
    lost: lost.length,
    oldestLostMs: killedAtMs - oldest,
    openMs,
    problems: store.problems().map(({ reason }) => reason),
    outages: store.outages().length,
  };
  await store.close();
  return round;
}
