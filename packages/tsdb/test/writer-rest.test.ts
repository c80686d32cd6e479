import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { HEAD_FILE, HEARTBEAT_FILE, InlineWriter } from './faults/inline-writer.ts';
import { tempFolder } from './helpers.ts';

const KIB = 1024;
const LARGE = 600 * KIB;
/** Not emptied for its size alone. */
const JOURNAL_BYTES = 4 * KIB * KIB;

/** The writing thread's work with requests that are each done before the next is made. */
function writer() {
  const dir = tempFolder();
  const headPath = join(dir, HEAD_FILE);
  const work = new InlineWriter({ dir, headPath, heartbeatPath: join(dir, HEARTBEAT_FILE) });
  let seq = 0;
  const ask = async (request: Parameters<InlineWriter['postMessage']>[0]['request']): Promise<void> => {
    work.postMessage({ id: ++seq, request });
    // The request, and then what it leaves for later.
    for (let i = 0; i < 3; i++) await turn();
  };
  return {
    /** A row of so many bytes. */
    write: (bytes: number) =>
      ask({
        kind: 'group',
        journalBytes: JOURNAL_BYTES,
        group: {
          series: [],
          segments: [],
          columns: [],
          wal: [{ seq: seq + 1, segment: 1, timeMs: 0, form: 0, bytes }],
          data: new Uint8Array(bytes),
          forget: [],
          exemplars: [],
          firstExemplar: 0,
          onlySeries: false,
          seq: seq + 1,
          nowMs: 0,
        },
      }),
    beat: async (times: number) => {
      for (let i = 0; i < times; i++) await ask({ kind: 'beat', seq, timeMs: 0 });
    },
    journalBytes: () => (existsSync(`${headPath}-wal`) ? statSync(`${headPath}-wal`).size : 0),
    close: () => ask({ kind: 'close' }),
  };
}

describe('the journals', () => {
  it('are emptied at the third heartbeat after the last write, from 256 KiB on', async () => {
    const { write, beat, journalBytes, close } = writer();
    await write(LARGE);
    await beat(2);
    expect(journalBytes()).toBeGreaterThan(LARGE);
    // That begins the count anew.
    await write(LARGE / 4);
    await beat(2);
    expect(journalBytes()).toBeGreaterThan(LARGE);
    await beat(1);
    expect(journalBytes()).toBe(0);
    await write(200 * KIB);
    await beat(6);
    expect(journalBytes()).toBeGreaterThan(200 * KIB);
    await close();
  });

  it('of a mebibyte and more are emptied though little is written in between, smaller ones when it ends', async () => {
    const { write, beat, journalBytes, close } = writer();
    await write(2 * KIB * KIB);
    await beat(1);
    await write(KIB);
    await beat(1);
    expect(journalBytes()).toBeGreaterThan(2 * KIB * KIB);
    await beat(1);
    expect(journalBytes()).toBe(0);

    await write(LARGE);
    await beat(2);
    await write(KIB);
    await beat(1);
    // The third, but not a quiet one.
    expect(journalBytes()).toBeGreaterThan(LARGE);
    await beat(2);
    expect(journalBytes()).toBeGreaterThan(LARGE);
    await beat(1);
    expect(journalBytes()).toBe(0);
    await close();
  });

  it('of one who has been at rest begin anew with the next writes, however small', async () => {
    const { write, beat, journalBytes, close } = writer();
    await write(200 * KIB);
    await beat(5);
    await write(30 * KIB);
    await write(30 * KIB);
    await beat(2);
    expect(journalBytes()).toBeGreaterThan(256 * KIB);
    await beat(1);
    expect(journalBytes()).toBe(0);
    await close();
  });
});
