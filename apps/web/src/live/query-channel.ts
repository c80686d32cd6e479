import { SeriesWindow } from '@watchroom/chart-data';
import type { QueryFrame, QuerySpec } from '@watchroom/contract';
import { Channel } from './channel.ts';
import type { LiveQuery } from './types.ts';

/** What a page asks for: `head` is `now` unless it says otherwise. */
export type LiveQuerySpec = Omit<QuerySpec, 'head'> & { readonly head?: QuerySpec['head'] };

export function querySpecKey(spec: LiveQuerySpec): string {
  return JSON.stringify([spec.query, spec.windowMs, spec.stepMs, spec.head ?? 'now']);
}

/** A live query: frames into a window. */
export class QueryChannel extends Channel<QueryFrame> implements LiveQuery {
  readonly spec: QuerySpec;
  readonly window: SeriesWindow;
  warnings: readonly string[] = [];

  constructor(spec: LiveQuerySpec) {
    super(querySpecKey(spec));
    this.spec = { ...spec, head: spec.head ?? 'now' };
    this.window = new SeriesWindow(this.spec);
  }

  get version(): number {
    return this.window.version;
  }

  protected ask() {
    return { channel: { kind: 'query', spec: this.spec } as const, toMs: this.window.toMs };
  }

  protected apply(frame: QueryFrame): void {
    this.window.apply(frame);
    if (frame.warnings) this.warnings = frame.warnings;
  }
}
