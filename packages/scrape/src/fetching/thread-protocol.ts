/** Between a ThreadLink and its thread. */
import type { PackedReports } from './packed-reports.ts';
import type { FetchCommand } from './protocol.ts';

export type ToThread = FetchCommand | { readonly kind: 'close' };

/** In the order in which the scrapes ended. */
export type FromThread = PackedReports;

export interface ThreadSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One number: how many reports were taken. */
  readonly taken: Int32Array;
  /** What may wait to be stored; beyond it scrapes are left out, and counted. */
  readonly mostWaitingBytes: number;
  /** See ThreadLinkOptions. */
  readonly lastWriteMs: number | undefined;
}
