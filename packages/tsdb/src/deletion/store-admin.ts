/** What an administrator asks of a running store: deletions, cleaning and snapshots, one after the other. */
import type { Matcher, TimeRange } from '@watchroom/model';
import { Snapshotter, type SnapshotterParts } from '../snapshot/snapshotter.ts';
import { Cleaner, type CleanerParts } from './cleaner.ts';
import { type Deleted, Deleter, type DeleterParts } from './deleter.ts';
import { Exclusive } from './exclusive.ts';
import type { Tombstones } from './tombstones.ts';

export class StoreAdmin {
  readonly #queue = new Exclusive();
  readonly #deleter: Deleter;
  readonly #cleaner: Cleaner;
  readonly #snapshotter: Snapshotter;
  readonly #tombstones: Tombstones;
  readonly #deleted: (deleted: Deleted) => void;
  #deletions = 0;
  #snapshots = 0;

  /** `deleted` is told when a deletion is seen. */
  constructor(parts: DeleterParts & SnapshotterParts & CleanerParts, deleted: (deleted: Deleted) => void) {
    this.#deleter = new Deleter(parts);
    this.#cleaner = new Cleaner(parts, this.#deleter);
    this.#snapshotter = new Snapshotter(parts);
    this.#tombstones = parts.tombstones;
    this.#deleted = deleted;
  }

  /** Gives the number of series. */
  delete(matcherSets: readonly (readonly Matcher[])[], range: TimeRange): Promise<number> {
    return this.#queue.run(async () => {
      const deleted = await this.#deleter.delete(matcherSets, range);
      this.#deletions++;
      if (deleted.series > 0) this.#deleted(deleted);
      return deleted.series;
    });
  }

  clean(): Promise<void> {
    return this.#queue.run(() => this.#cleaner.clean());
  }

  /** Writes the list of tombstones anew, whose file is gone. */
  writeTombstones(): Promise<void> {
    return this.#queue.run(() => this.#deleter.store(this.#tombstones.current));
  }

  snapshot(skipHead: boolean): Promise<string> {
    return this.#queue.run(async () => {
      const name = await this.#snapshotter.take(skipHead);
      this.#snapshots++;
      return name;
    });
  }

  stats(): { tombstones: number; deletions: number; cleanedSamples: number; snapshots: number } {
    const { count } = this.#tombstones.current;
    const { cleaned: cleanedSamples } = this.#cleaner;
    return { tombstones: count, deletions: this.#deletions, cleanedSamples, snapshots: this.#snapshots };
  }
}
