/** When what was committed goes to the writing thread, and when it is flushed to the disk. */
import type { Timer } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { afterEach, expect, it } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { openStoreWith } from '../src/open.ts';
import type { WriterEnvelope, WriterRequest } from '../src/writer/protocol.ts';
import { InlineWriter } from './faults/inline-writer.ts';
import { scrape, tempFolder } from './helpers.ts';

type Kind = WriterRequest['kind'];

let store: TimeSeriesStore;
afterEach(() => store.close());

/** Knows after how many ms something was to happen. */
class Watched extends ManualClock {
  readonly delays: number[] = [];

  override after(delayMs: number, run: () => void): Timer {
    this.delays.push(delayMs);
    return super.after(delayMs, run);
  }
}

/** `asked` has the ms since the start at which the store asked for something of a kind; groups wait while they are held. */
async function opened() {
  const clock = new Watched();
  const asked: [Kind, number][] = [];
  let held: (() => void)[] | undefined;
  let refusing = false;
  let writer: InlineWriter | undefined;
  class Writer extends InlineWriter {
    override postMessage(envelope: WriterEnvelope): void {
      const { id, request } = envelope;
      const { kind } = request;
      asked.push([kind, clock.monotonic()]);
      if (refusing && kind === 'group') setImmediate(() => this.emit('message', { id, error: 'disk full' }));
      else if (held && kind === 'group') held.push(() => super.postMessage(envelope));
      else super.postMessage(envelope);
    }
  }
  const options = { dir: tempFolder(), clock, retentionMs: 1e12, maxBytes: 1e12, markStaleOnOpen: false };
  store = await openStoreWith(options, (settings) => {
    writer = new Writer(settings);
    return writer;
  });
  await clock.advance(2_000);
  asked.length = 0;
  const startMs = clock.monotonic();
  /** The other thread has all the time it needs while the clock stands. */
  const answered = async () => {
    do await clock.advance(0);
    while (writer!.open > 0);
    await clock.advance(0);
  };
  return {
    clock,
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 100) {
        await clock.advance(100);
        if (!held) await answered();
      }
    },
    asked: () => asked.map(([kind, atMs]) => [kind, atMs - startMs] as const),
    times: (kind: Kind) => asked.filter(([asking]) => asking === kind).map(([, atMs]) => atMs - startMs),
    commit: () => scrape(store, 'm', clock.now(), [1, 2, 3]),
    refuse: (yes: boolean) => {
      refusing = yes;
    },
    hold: () => {
      held = [];
    },
    release: async () => {
      for (const post of held ?? []) post();
      held = undefined;
      await answered();
    },
  };
}

it('what is committed goes to the thread within half a second', async () => {
  const { pass, times, commit } = await opened();
  await pass(100);
  commit();
  await pass(5_000);
  const [first, ...rest] = times('group');
  expect(first).toBeGreaterThanOrEqual(100);
  expect(first).toBeLessThanOrEqual(600);
  expect(rest).toEqual([]);
});

it('what is committed while a group is under way goes half a second after the tick that found it so', async () => {
  const { pass, times, commit, hold, release } = await opened();
  hold();
  commit();
  await pass(600);
  commit();
  await pass(700);
  await release();
  await pass(5_000);
  const [first, second, ...rest] = times('group');
  expect(first).toBeLessThanOrEqual(500);
  // Committed at 600; the tick by 1,100 had to leave it, and no other commit asked for the next one.
  expect(second).toBeGreaterThan(1_300);
  expect(second).toBeLessThanOrEqual(1_600);
  expect(rest).toEqual([]);
});

it('what the disk refused is tried again each half second', async () => {
  const { pass, times, commit, refuse } = await opened();
  refuse(true);
  commit();
  await pass(3_000);
  refuse(false);
  await pass(3_000);
  const tries = times('group');
  expect(tries[0]).toBeLessThanOrEqual(500);
  // That it was refused is heard after its tick, so that the second comes a second later.
  expect(tries.map((atMs, i) => atMs - (tries[i - 1] ?? 0)).slice(1)).toEqual([1_000, 500, 500, 500, 500]);
  expect(store.stats().walPendingScrapes).toBe(0);
});

it('the journal is flushed when the group of the same tick has been sent, so that it is on disk a second and a half after its commit', async () => {
  const { pass, asked, commit } = await opened();
  for (let k = 0; k < 30; k++) {
    commit();
    await pass(500 + ((k * 300) % 900));
  }
  const kinds = asked().filter(([kind]) => kind === 'group' || kind === 'sync');
  const flushes = kinds.flatMap(([kind, atMs], i) =>
    kind === 'sync' ? [{ atMs, before: kinds[i - 1] }] : [],
  );
  expect(
    flushes.filter(({ atMs, before }) => before?.[0] === 'group' && before[1] === atMs).length,
  ).toBeGreaterThan(10);
  for (const [i, [kind, atMs]] of kinds.entries()) {
    const flush = kinds.find(([other], j) => j > i && other === 'sync');
    if (kind === 'group' && flush) expect(flush[1] - atMs).toBeLessThanOrEqual(1_000);
  }
});

it('a store that nothing comes to ticks once a second', async () => {
  const { clock, pass, commit } = await opened();
  commit();
  await pass(3_000);
  clock.delays.length = 0;
  await pass(10_000);
  expect(clock.delays).toEqual(Array(10).fill(1_000));
});

it('the journal is flushed with the first tick that comes 750 ms or more after the last time', async () => {
  const { pass, times, commit } = await opened();
  // The first commit after a tick comes 100 ms later at most and the tick for it another 500.
  for (let k = 0; k < 100; k++) {
    commit();
    await pass(100);
  }
  const busy = times('sync').map((atMs, i, all) => atMs - (all[i - 1] ?? 0));
  expect(Math.min(...busy.slice(1))).toBeGreaterThanOrEqual(750);
  expect(Math.max(...busy)).toBeLessThanOrEqual(750 + 600);
  await pass(10_000);
  const quiet = times('sync').filter((atMs) => atMs > 11_000);
  expect(quiet.map((atMs, i, all) => atMs - (all[i - 1] ?? atMs)).slice(1)).toEqual(
    quiet.slice(1).map(() => 1_000),
  );
  expect(quiet.length).toBeGreaterThanOrEqual(8);
});
