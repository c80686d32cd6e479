/**
 * Messages between the store's thread and its writing thread. Each request carries a number and is answered once, in any
 * order; what it asks for is on disk (in the sense of its kind) when the answer says so. Every request may be repeated:
 * its rows have numbers given by the asker, so that a second writing of the same request changes nothing.
 */
import type { SegmentColumns } from '../chunk/slice.ts';

export interface SeriesRow {
  readonly id: number;
  /** JSON `[[ref, names, values], ...]`. */
  readonly data: string;
}

export interface SegmentRow {
  readonly id: number;
  readonly loose: boolean;
  readonly maxRows: number;
}

export interface ColumnsRow {
  readonly id: number;
  readonly segment: number;
  readonly first: number;
  readonly refs: Uint32Array;
}

export interface WalRow {
  readonly seq: number;
  readonly segment: number;
  /** Of the newest record. */
  readonly timeMs: number;
  readonly form: number;
  /** As sent; a row with several records is compressed before it is written. */
  readonly bytes: number;
}

/** A block that must be found in its chunk file from now on: without it, its samples are lost. */
export interface BlockEntry {
  /** The chunk file's number. */
  readonly file: number;
  readonly segment: number;
  readonly minMs: number;
  readonly maxMs: number;
}

export interface ForgottenSegment {
  readonly segment: number;
  readonly rows: readonly number[];
  /** Undefined when the chunk file is gone by now. */
  readonly block: BlockEntry | undefined;
}

/** Exemplars with consecutive numbers, the last of which is `seq`. */
export interface ExemplarsRow {
  readonly seq: number;
  /** See exemplars/exemplar-rows.ts. */
  readonly data: Uint8Array;
}

/** One transaction on head.db. */
export interface HeadGroup {
  readonly series: readonly SeriesRow[];
  readonly segments: readonly SegmentRow[];
  readonly columns: readonly ColumnsRow[];
  readonly wal: readonly WalRow[];
  /** The rows' contents, one after the other. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Segments that are blocks by now, with the numbers of their rows. */
  readonly forget: readonly ForgottenSegment[];
  readonly exemplars: readonly ExemplarsRow[];
  /** Rows whose newest exemplar has a smaller number go. */
  readonly firstExemplar: number;
  /** `series` replaces all labels in the file. */
  readonly onlySeries: boolean;
  /** The newest number of a row that was ever given. */
  readonly seq: number;
  readonly nowMs: number;
}

/** A closed segment to be compressed and written to a chunk file, which is created when absent. */
export interface BlockRequest {
  readonly path: string;
  readonly segment: number;
  /** One for each column of the series, in slices of their own. */
  readonly columns: readonly SegmentColumns[];
  /** The layout's hash when the file has it, else its text. */
  readonly layout: { readonly hash: string } | { readonly text: string };
  readonly minMs: number;
  readonly maxMs: number;
  readonly samples: number;
  /** Of aggregates: see Block in disk/layout.ts. */
  readonly deletions?: number;
}

export interface BlockDone {
  readonly id: number;
  readonly hash: string;
  /** Compressed size. */
  readonly bytes: number;
}

/** A journal of `journalBytes` and more is copied into its database and emptied. */
export type WriterRequest =
  /** Answered when committed: a kill of the process does not lose it any more. */
  | { readonly kind: 'group'; readonly group: HeadGroup; readonly journalBytes: number }
  /** Answered when all groups so far are flushed to the disk: a loss of power does not lose them any more. */
  | { readonly kind: 'sync' }
  | { readonly kind: 'beat'; readonly seq: number; readonly timeMs: number }
  /** Answered with BlockDone when the block is flushed to the disk. */
  | {
      readonly kind: 'block';
      readonly block: BlockRequest;
      readonly journalBytes: number;
      /** The file's number, for a block without write-ahead rows: it must be found there from now on. */
      readonly listAs?: number;
    }
  /** Deletes a chunk file, which is not missed afterwards. */
  | { readonly kind: 'remove'; readonly path: string; readonly number: number }
  /** Replaces the list of tombstones, which is then safe from a loss of power; see deletion/tombstone-file.ts. */
  | { readonly kind: 'tombstones'; readonly frames: readonly string[] }
  /** Answered when no chunk file is open for writing or has anything in its journal. */
  | { readonly kind: 'settle' }
  /** Blocks that will not be missed, also after a loss of power. */
  | { readonly kind: 'forget_blocks'; readonly file: number; readonly segments: readonly number[] }
  /** Copies everything on disk to a new folder, which is whole when it is there; see snapshot/snapshot-files.ts. */
  | { readonly kind: 'snapshot'; readonly name: string; readonly skipHead: boolean }
  /** What is open goes to new files at their paths: these lead to none, or to other ones; `moved`: head.db, not only its journal. */
  | { readonly kind: 'restore_head'; readonly moved: boolean; readonly nowMs: number }
  /** Closes all files and ends the thread; not answered. */
  | { readonly kind: 'close' };

export interface WriterEnvelope {
  readonly id: number;
  readonly request: WriterRequest;
}

export interface WriterReply {
  /** The request's; 0 for a failure of something nobody asked for. */
  readonly id: number;
  readonly block?: BlockDone | undefined;
  /** What went wrong; the request has left nothing behind then. */
  readonly error?: string | undefined;
  /** The file is damaged, or part of a snapshot, and will not take anything any more. */
  readonly damaged?: boolean | undefined;
}

/** `workerData` of the writing thread. */
export interface WriterSettings {
  readonly dir: string;
  readonly headPath: string;
  readonly heartbeatPath: string;
}
