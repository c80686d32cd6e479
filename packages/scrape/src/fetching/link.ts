/** The way to the fetching part: on this thread, or on its own. */
import type { Clock } from '@watchroom/model';
import { type Environment, FetchHost } from './fetch-host.ts';
import type { FetchCommand, FetchReport } from './protocol.ts';

export interface FetchEvents {
  report(report: FetchReport): void;
  /** The fetching part has ended on its own and was started again: it knows nothing. */
  restarted(reason: string): void;
}

export interface FetchLink {
  send(command: FetchCommand): void;
  /** Nothing is reported any more. */
  close(): Promise<void>;
}

export type OpenLink = (events: FetchEvents) => FetchLink;

/** On this thread, with a clock of one's own. */
export function localLink(clock: Clock, env: Environment): OpenLink {
  return (events) => {
    const host = new FetchHost({ clock, env, report: events.report, hasRoom: () => true });
    return { send: (command) => host.take(command), close: () => host.close() };
  };
}
