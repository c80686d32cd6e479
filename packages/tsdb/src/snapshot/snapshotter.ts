/** Makes snapshots: brings everything committed to disk, lets the newest chunk file go, and has the writing thread copy. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '@watchroom/model';
import type { BlockStore } from '../disk/block-store.ts';
import type { PendingWrites } from '../pending-writes.ts';
import type { Sealer } from '../sealer.ts';
import type { Writer } from '../writer/client.ts';

export interface SnapshotterParts {
  readonly clock: Clock;
  readonly blocks: BlockStore;
  readonly pending: PendingWrites;
  readonly sealer: Sealer;
  readonly writer: Writer;
}

export class Snapshotter {
  readonly #parts: SnapshotterParts;

  constructor(parts: SnapshotterParts) {
    this.#parts = parts;
  }

  /** Gives the name of the new folder in DIR/snapshots; rejects when the disk refuses, and then there is none. */
  async take(skipHead: boolean): Promise<string> {
    const { clock, blocks, pending, sealer, writer } = this.#parts;
    const name = snapshotName(clock.now());
    await sealer.quiet(async () => {
      if (!(await pending.flush()))
        throw new Error(`the disk does not take samples: ${pending.stats().lastFlushError}`);
      blocks.closeNewest();
      await writer.request({ kind: 'snapshot', name, skipHead });
    });
    return name;
  }
}

/** As Prometheus names them: UTC to the second, and 16 hex digits. Source: web/api/v1/api.go, snapshot. */
function snapshotName(nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  return `${time}-${randomBytes(8).toString('hex')}`;
}
