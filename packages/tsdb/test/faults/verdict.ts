/** Opens a harmed folder and compares what it answers with what was committed. */
import { rmSync } from 'node:fs';
import { Labels, Matcher } from '@watchroom/model';
import { ManualClock, settle } from '@watchroom/testkit';
import type { TimeSeriesStore } from '../../src/index.ts';
import type { Allowed, Harm } from './harm.ts';
import { Folder, writeImage } from './image.ts';
import { judgeOld } from './old-data.ts';
import { open, reportedSpans } from './opened.ts';
import {
  type Boundary,
  GRID,
  labelsOf,
  put,
  type Recording,
  type Regime,
  SERIES,
  valueAt,
} from './recording.ts';

export interface Verdict {
  /** What was wrong; empty when all is as promised. */
  readonly faults: readonly string[];
  /** Samples that were promised and are not there. */
  readonly lost: number;
  readonly problems: number;
}

interface Lost {
  readonly timeMs: number;
  readonly commit: number;
}

/** Between the boundary and the next start. */
const RESTARTS_AFTER_MS = [50, 1_500, 8_000];

const SPAN_SLACK_MS = 1_000;

/** What the store does between its first opening and the second. */
const AFTERLIVES = ['goes on', 'stops', 'is killed'] as const;
export type Afterlife = (typeof AFTERLIVES)[number];

export function afterlife(turn: number): Afterlife {
  return AFTERLIVES[turn % AFTERLIVES.length]!;
}

export async function judge(
  dir: string,
  harm: Harm,
  boundary: Boundary,
  recording: Recording,
  then: Afterlife,
): Promise<Verdict> {
  writeImage(dir, harm.image);
  const clock = new ManualClock(
    boundary.nowMs + RESTARTS_AFTER_MS[boundary.number % RESTARTS_AFTER_MS.length]!,
  );
  const faults: string[] = [];
  const logged: string[] = [];
  let store: TimeSeriesStore | undefined;
  try {
    store = await open(dir, clock, recording.regime, logged);
    const lost = await compare(store, recording, boundary, clock.now(), faults);
    const promised = lost.filter(({ commit }) => commit <= promisedUpTo(harm.allowed, boundary));
    for (const one of promised)
      if (!mayBeLost(one, harm.allowed, boundary)) {
        faults.push(
          `a sample of ${one.timeMs} (commit ${one.commit} of ${boundary.answered} answered, ${boundary.flushed} flushed) is lost against the promise`,
        );
        break;
      }
    const needsReport =
      harm.allowed.kind === 'unflushed' ? lost.filter(({ commit }) => commit <= boundary.answered) : promised;
    const silent = needsReport.find((one) => !isReported(one, store!, recording, logged));
    if (silent)
      faults.push(
        `${silent.timeMs} is lost, and no report covers it: ${JSON.stringify(store.problems())} ${logged.join(' | ')}`,
      );
    const quiet = harm.allowed.kind === 'unanswered';
    if (quiet && store.problems().length > 0)
      faults.push(`reported without need: ${store.problems()[0]!.reason}`);
    if (recording.regime.rollups) faults.push(...(await judgeOld(dir, store, harm, boundary, recording)));
    const found = store.problems();
    if (then === 'goes on') await goOn(store, clock);
    // What is older may be seen for a while after an opening: until it is known that there are aggregates of it.
    const sinceMs = clock.now() - recording.regime.retentionMs;
    const samples = await samplesOf(store, sinceMs);
    const killed = then === 'is killed' ? new Folder(dir).read() : undefined;
    await store.close();
    store = undefined;
    if (killed) {
      rmSync(dir, { recursive: true });
      writeImage(dir, killed);
    }
    faults.push(...(await again(dir, clock, recording.regime, then, sinceMs, samples)));
    return { faults, lost: needsReport.length, problems: found.length };
  } catch (error) {
    faults.push(`threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return { faults, lost: 0, problems: 0 };
  } finally {
    await store?.close().catch(() => {});
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The store takes samples as ever. */
async function goOn(store: TimeSeriesStore, clock: ManualClock): Promise<void> {
  for (let k = 0; k < 12; k++) {
    const appender = store.appender();
    for (let i = 0; i < SERIES; i++) appender.append(appender.series(afterwards(i)), clock.now(), k * i);
    appender.commit();
    const same = store.appender();
    for (let i = 0; i < GRID; i++) {
      const timeMs = clock.now();
      put(same, same.series(labelsOf(i)), i, timeMs);
    }
    same.commit();
    await clock.advance(1_000);
    await settle();
  }
  await store.flush();
}

function afterwards(i: number): Labels {
  return Labels.fromObject({ __name__: 'afterwards', i: String(i), job: 'after' });
}

async function again(
  dir: string,
  clock: ManualClock,
  regime: Regime,
  then: Afterlife,
  sinceMs: number,
  samples: number,
): Promise<string[]> {
  const store = await open(dir, clock, regime, []);
  try {
    const faults: string[] = [];
    const now = await samplesOf(store, sinceMs);
    if (now !== samples)
      faults.push(`it ${then}, and a second opening has ${now} samples, the first had ${samples}`);
    // Killed before it has written down what it found, it finds it once more.
    if (then === 'is killed') return faults;
    const fresh = store
      .problems()
      .filter(({ reason }) => !/(layout|block) (\d+|without a number)/.test(reason));
    if (fresh.length > 0) faults.push(`it ${then}, and a second opening reports ${fresh[0]!.reason}`);
    return faults;
  } finally {
    await store.close();
  }
}

const EVERYTHING = {
  startMs: Number.NEGATIVE_INFINITY,
  endMs: Number.POSITIVE_INFINITY,
  stepMs: 0,
  rangeMs: 0,
  func: '',
};

async function samplesOf(store: TimeSeriesStore, startMs: number): Promise<number> {
  const all = await store.select([new Matcher('job', '=~', 'fault|after')], { ...EVERYTHING, startMs });
  return all.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
}

/** Gives what was committed and is not there; a value that nobody wrote is a fault. */
async function compare(
  store: TimeSeriesStore,
  recording: Recording,
  boundary: Boundary,
  nowMs: number,
  faults: string[],
): Promise<Lost[]> {
  const found = await store.select([new Matcher('job', '=', 'fault')], EVERYTHING);
  const times = new Map<number, Float64Array | readonly number[]>();
  for (const { labels, timestamps, values, histograms } of found) {
    const series = Number(labels.get('i'));
    if (labels.get('__name__') !== `fault_${series % 5}` || times.has(series))
      faults.push(`series ${labels} is not one of ours`);
    times.set(series, timestamps);
    for (let k = 0; k < timestamps.length; k++) {
      const timeMs = timestamps[k]!;
      const commit = recording.committed[series]?.get(timeMs);
      const value = histograms?.[k]?.sum ?? values[k];
      if (commit !== undefined && value === valueAt(series, timeMs)) continue;
      faults.push(
        `series ${series} has ${value} at ${timeMs}, which was ${commit === undefined ? 'never written' : valueAt(series, timeMs)}`,
      );
      break;
    }
    for (let k = 1; k < timestamps.length; k++)
      if (timestamps[k]! <= timestamps[k - 1]!) faults.push(`series ${series} has times out of order`);
  }
  const lost: Lost[] = [];
  const oldestMs = nowMs - recording.regime.retentionMs;
  recording.committed.forEach((samples, series) => {
    const there = new Set(times.get(series) ?? []);
    for (const [timeMs, commit] of samples)
      if (
        commit <= boundary.commits &&
        timeMs >= oldestMs &&
        !there.has(timeMs) &&
        !recording.isDeleted(series, timeMs, commit)
      )
        lost.push({ timeMs, commit });
  });
  return lost;
}

function promisedUpTo(allowed: Allowed, { answered, flushed }: Boundary): number {
  return allowed.kind === 'unflushed' ? flushed : answered;
}

function mayBeLost({ timeMs, commit }: Lost, allowed: Allowed, { blocks, untold }: Boundary): boolean {
  if (allowed.kind !== 'file') return false;
  const chunk = /^chunks-(\d+)/.exec(allowed.name)?.[1];
  if (chunk !== undefined)
    return (
      isIn(blocks.get(Number(chunk)), timeMs) ||
      untold.some(
        ({ file, minMs, maxMs, inRows }) =>
          file === Number(chunk) && commit > inRows && minMs <= timeMs && timeMs <= maxMs,
      )
    );
  return allowed.name.startsWith('head.db') && !allowed.name.endsWith('-shm');
}

function isIn(spans: readonly (readonly [number, number])[] | undefined, timeMs: number): boolean {
  return spans?.some(([fromMs, toMs]) => fromMs <= timeMs && timeMs <= toMs) ?? false;
}

/** A report names when samples were written or when they are of; a late one is before the others of its commit. */
function isReported(
  { timeMs, commit }: Lost,
  store: TimeSeriesStore,
  recording: Recording,
  logged: readonly string[],
): boolean {
  const spans = [
    ...reportedSpans(store),
    ...store.outages().map(({ fromMs, toMs }) => [fromMs, toMs] as const),
    ...logged.map(loggedSpan),
  ];
  const commitMs = recording.commitMs[commit - 1]!;
  return spans.some(
    (span) =>
      span !== undefined &&
      ((span[0] <= timeMs && timeMs <= span[1]) ||
        (span[0] - SPAN_SLACK_MS <= commitMs && commitMs <= span[1])),
  );
}

function loggedSpan(line: string): readonly [number, number] | undefined {
  const times = line.match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g);
  return times?.length === 2 ? [Date.parse(times[0]!), Date.parse(times[1]!)] : undefined;
}
