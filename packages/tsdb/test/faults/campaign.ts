/** Goes through the boundaries of a recorded run, harms a copy of the folder at each and judges what opens. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@watchroom/testkit';
import { HARM_KINDS, type Harm, Harmer, type HarmKind } from './harm.ts';
import { writeImage } from './image.ts';
import { type Boundary, Recording, type Regime } from './recording.ts';
import { afterlife, judge } from './verdict.ts';

export interface CampaignOptions {
  readonly seed: number;
  readonly regime: Regime;
  /** Changes of the folder. */
  readonly writes: number;
  /** Those before this one are not looked at. */
  readonly from?: number;
  /** A boundary in so many is looked at. */
  readonly every: number;
  /** Harms of each boundary that is looked at: those in turn, further ones by lot. */
  readonly harms: number;
  /** A folder in memory is a few times as fast. */
  readonly folder?: string | undefined;
  /** Where the harmed folders are put of which something is said in `faults`. */
  readonly keep?: string | undefined;
  readonly progress?: (report: CampaignReport) => void;
}

export interface HarmTally {
  cases: number;
  /** Cases in which samples were lost, as documented. */
  withLoss: number;
  lostSamples: number;
  faults: number;
}

export interface CampaignReport {
  writes: number;
  cases: number;
  /** The case that took longest, with all its openings. */
  slowestMs: number;
  readonly byKind: Record<HarmKind, HarmTally>;
  /** The first ones, in words. */
  readonly faults: string[];
}

const FAULTS_KEPT = 40;
const PROGRESS_EVERY = 500;

export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { seed, regime, writes, from = 0, every, harms, keep, progress } = options;
  const root = mkdtempSync(join(options.folder ?? tmpdir(), 'watchroom-faults-'));
  const report: CampaignReport = {
    writes: 0,
    cases: 0,
    slowestMs: 0,
    byKind: Object.fromEntries(
      HARM_KINDS.map((kind) => [kind, { cases: 0, withLoss: 0, lostSamples: 0, faults: 0 }]),
    ) as Record<HarmKind, HarmTally>,
    faults: [],
  };
  const recording = await Recording.open(join(root, 'run'), seed, regime);
  const random = seededRandom(seed + 1);
  const harmer = new Harmer(random, join(root, 'harm'));
  try {
    while (report.writes < writes) {
      for (const boundary of await recording.next()) {
        if (report.writes === writes) break;
        report.writes++;
        if (report.writes < from || report.writes % every !== 0) continue;
        for (let i = 0; i < harms; i++) {
          const kind = kindOf(i, random);
          const harm = harmer.harm(kind, boundary);
          const faults = await one(join(root, 'case'), harm, boundary, recording, report);
          if (keep && faults.length > 0) put(join(keep, `${boundary.number}-${i}`), harm, faults);
          if (report.cases % PROGRESS_EVERY === 0) progress?.(report);
        }
      }
    }
  } finally {
    await recording.close();
    rmSync(root, { recursive: true, force: true });
  }
  return report;
}

/** A torn write and a flipped bit at every boundary, and whatever the lot says. */
function kindOf(turn: number, random: () => number): HarmKind {
  if (turn === 0) return 'torn write';
  if (turn === 1) return 'bit flip';
  return HARM_KINDS[Math.floor(random() * HARM_KINDS.length)]!;
}

/** The folder as it was opened, and beside it what was wrong then. */
function put(dir: string, { image }: Harm, faults: readonly string[]): void {
  writeImage(dir, image);
  writeFileSync(`${dir}.txt`, faults.join('\n'));
}

/** Gives what was wrong. */
async function one(
  dir: string,
  harm: Harm,
  boundary: Boundary,
  recording: Recording,
  report: CampaignReport,
): Promise<readonly string[]> {
  report.cases++;
  const startedMs = performance.now();
  const tally = report.byKind[harm.kind];
  const { faults, lost } = await judge(dir, harm, boundary, recording, afterlife(tally.cases++));
  report.slowestMs = Math.max(report.slowestMs, performance.now() - startedMs);
  tally.lostSamples += lost;
  if (lost > 0) tally.withLoss++;
  if (faults.length > 0) tally.faults++;
  for (const fault of faults)
    if (report.faults.length < FAULTS_KEPT)
      report.faults.push(`write ${boundary.number} (${boundary.what}), ${harm.kind}, ${harm.text}: ${fault}`);
  return faults;
}
