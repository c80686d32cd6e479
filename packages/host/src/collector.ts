/** One subject of a machine (its memory, its disks, …). Named as node_exporter names its collectors. */
import type { Exposition } from './exposition.ts';
import type { FileReader } from './file-reader.ts';

export interface CollectorContext {
  readonly procRoot: string;
  readonly sysRoot: string;
  /** Where the machine's own file system is mounted; '/' when not in a container. */
  readonly rootfs: string;
  readonly files: FileReader;
  /** Wall time in ms. */
  now(): number;
}

export interface Collector {
  readonly name: string;
  /** Adds what it finds. A file that this kernel does not have is no failure; one that must be there throws. */
  collect(out: Exposition, context: CollectorContext): void | Promise<void>;
}
