/**
 * Aggregates, and what is deleted, of a harmed folder: compared with what the folder gives as it was before the change and after
 * it, unharmed. The aggregates themselves are checked against their definition in rollup.test.ts.
 */
import { rmSync } from 'node:fs';
import { Matcher, type SelectHints } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import type { TimeSeriesStore } from '../../src/index.ts';
import type { Harm } from './harm.ts';
import { type Image, writeImage } from './image.ts';
import { open, reportedSpans } from './opened.ts';
import { type Boundary, type Recording, valueAt } from './recording.ts';

const RESOLUTIONS_MS = [300_000, 3_600_000];
const FUNCS = ['max_over_time', 'sum_over_time'];
const EDGE_MS = 10_000;
const TOMBSTONES = /^tombstones/;

/** By series, function and resolution ('' for raw samples) and time. */
type View = ReadonlyMap<string, number>;

interface Known {
  readonly image: Image;
  readonly nowMs: number;
  readonly view: View;
}

/** The newest ones: a boundary begins with what the one before ended with. */
const known: Known[] = [];

/** Gives what is wrong. */
export async function judgeOld(
  dir: string,
  store: TimeSeriesStore,
  { allowed }: Harm,
  boundary: Boundary,
  recording: Recording,
): Promise<string[]> {
  const { nowMs, before, after } = boundary;
  const views = [
    await unharmed(`${dir}-unharmed`, before, nowMs, recording),
    await unharmed(`${dir}-unharmed`, after, nowMs, recording),
  ] as const;
  const now = await viewOf(store, nowMs, recording);
  const file = allowed.kind === 'file' ? allowed.name : '';
  const faults: string[] = [];
  const isHarmless = (key: string, value: number) => views.some((view) => view.get(key) === value);
  const found = [...now].find(
    ([key, value]) =>
      !isHarmless(key, value) && !isStandIn(key, value, views) && !isUncovered(key, value, recording, views),
  );
  const isSaid = store.problems().some(({ reason }) => reason.includes('deleted anew'));
  if (found && !(TOMBSTONES.test(file) && isSaid))
    faults.push(`has ${found.join(' = ')}, which neither of the folders has that it stands between`);
  const spans = reportedSpans(store);
  for (const [key, value] of views[0]) {
    if (isRaw(key) || now.has(key) || views[1].get(key) !== value || isCovered(key, now)) continue;
    const timeMs = timeOf(key);
    if (isAtEdge(timeMs, nowMs, recording)) continue;
    if (!file.startsWith('rollup')) faults.push(`${key} is lost against the promise`);
    else if (!spans.some((span) => span && span[0] <= timeMs && timeMs <= span[1]))
      faults.push(`${key} is lost, and no report covers it: ${JSON.stringify(store.problems())}`);
    else continue;
    break;
  }
  return faults;
}

async function unharmed(dir: string, image: Image, nowMs: number, recording: Recording): Promise<View> {
  const found = known.find((one) => one.image === image && one.nowMs === nowMs);
  if (found) return found.view;
  writeImage(dir, image);
  const store = await open(dir, new ManualClock(nowMs), recording.regime, []);
  try {
    const view = await viewOf(store, nowMs, recording);
    known.unshift({ image, nowMs, view });
    known.length = Math.min(known.length, 2);
    return view;
  } finally {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** All raw samples, and the windows that end before raw samples are kept, of which there is one view alone. */
async function viewOf(store: TimeSeriesStore, nowMs: number, { regime }: Recording): Promise<View> {
  const view = new Map<string, number>();
  const all = { startMs: -1e15, endMs: 1e15, stepMs: 0, rangeMs: 0, func: '' };
  await read(store, '', all, view);
  for (const resolutionMs of RESOLUTIONS_MS) {
    const endMs = Math.floor((nowMs - regime.retentionMs) / resolutionMs) * resolutionMs;
    const startMs = endMs - Math.floor(regime.rollups!.oneHourMs / resolutionMs) * resolutionMs;
    for (const func of FUNCS)
      await read(
        store,
        `${func} ${resolutionMs}`,
        { startMs, endMs, stepMs: resolutionMs, rangeMs: resolutionMs, func },
        view,
      );
  }
  return view;
}

async function read(store: TimeSeriesStore, what: string, hints: SelectHints, into: Map<string, number>) {
  for (const { labels, timestamps, values, histograms } of await store.select(
    [new Matcher('job', '=', 'fault')],
    hints,
  ))
    for (let k = 0; k < timestamps.length; k++) {
      // Raw samples that are still seen there are told of as such.
      if (what !== '' && timestamps[k]! % RESOLUTIONS_MS[0]! !== 0) continue;
      const value = histograms?.[k]?.sum ?? values[k]!;
      into.set(`${labels.get('i')}|${what}|${timestamps[k]}`, value);
    }
}

function isRaw(key: string): boolean {
  return key.includes('||');
}

function timeOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('|') + 1));
}

/** A finer window or a raw sample where a coarser one is usual. */
function isStandIn(key: string, value: number, views: readonly View[]): boolean {
  const [series, what, time] = key.split('|');
  const [func] = what!.split(' ');
  return views.some(
    (view) =>
      view.get(`${series}||${time}`) === value ||
      RESOLUTIONS_MS.some((resolutionMs) => view.get(`${series}|${func} ${resolutionMs}|${time}`) === value),
  );
}

/** The harmed folder is opened some seconds later than the others: retention has passed over it meanwhile. */
function isAtEdge(timeMs: number, nowMs: number, { regime }: Recording): boolean {
  const { fiveMinutesMs, oneHourMs } = regime.rollups!;
  return [fiveMinutesMs, oneHourMs].some((keptMs) => Math.abs(timeMs - (nowMs - keptMs)) < EDGE_MS);
}

/** A window behind the first raw sample that was seen of its series, which is lost now; nothing in it is deleted. */
function isUncovered(key: string, value: number, recording: Recording, views: readonly View[]): boolean {
  const [series, what] = key.split('|');
  const endMs = timeOf(key);
  const raw = `${series}||`;
  const wasHidden = views.some((view) =>
    [...view.keys()].some((other) => other.startsWith(raw) && timeOf(other) < endMs),
  );
  if (isRaw(key) || !wasHidden) return false;
  if (!what!.startsWith('max')) return true;
  return [...recording.committed[Number(series)]!].some(
    ([timeMs, commit]) =>
      timeMs > endMs - RESOLUTIONS_MS[1]! &&
      timeMs < endMs &&
      valueAt(Number(series), timeMs) === value &&
      !recording.isDeleted(Number(series), timeMs, commit),
  );
}

/** Whether something finer is there of a window's time. */
function isCovered(key: string, now: View): boolean {
  const [series, what] = key.split('|');
  const [func, resolution] = what!.split(' ');
  const endMs = timeOf(key);
  const prefix = `${series}|${func} ${resolution}|`;
  for (const other of now.keys()) {
    const timeMs = timeOf(other);
    if (
      timeMs > endMs - Number(resolution) &&
      timeMs < endMs &&
      (other.startsWith(prefix) || other.startsWith(`${series}||`))
    )
      return true;
  }
  return false;
}
