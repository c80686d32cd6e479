/**
 * A 64-byte file beside the head's database, rewritten after each flush: the number of the last write-ahead row and
 * the wall time. It tells when the last server was alive, and whether the database has lost its tail since.
 *
 *   text: "<seq> <timeMs> <crc32 of the two, hex>\n", padded with spaces
 */
import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

export const HEARTBEAT_FILE = 'heartbeat';
const BYTES = 64;

export interface Beat {
  readonly seq: number;
  readonly timeMs: number;
}

export function readHeartbeat(path: string): Beat | undefined {
  if (!existsSync(path)) return undefined;
  const [seq = '', timeMs = '', crc = ''] = readFileSync(path, 'latin1').trim().split(' ');
  if (crc !== crc32(`${seq} ${timeMs}`).toString(16)) return undefined;
  return { seq: Number(seq), timeMs: Number(timeMs) };
}

/** When a server last wrote to the store in `dir`, on the wall, where one has. */
export function lastWriteMs(dir: string): number | undefined {
  return readHeartbeat(join(dir, HEARTBEAT_FILE))?.timeMs;
}

export class HeartbeatFile {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  }

  write(beat: Beat): void {
    const text = `${beat.seq} ${beat.timeMs}`;
    writeSync(this.#fd, `${text} ${crc32(text).toString(16)}`.padEnd(BYTES - 1).concat('\n'), 0, 'latin1');
  }

  close(): void {
    closeSync(this.#fd);
  }
}
