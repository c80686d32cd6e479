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
  /** Reports are given from now on; those that came before have waited and come first. */
  begin(): void;
  /** Nothing is reported any more. */
  close(): Promise<void>;
}

export type OpenLink = (events: FetchEvents) => FetchLink;

/** Reports that wait on this thread. */
const MOST_WAITING = 1_000;

/** On this thread, with a clock of one's own. `early`, `storedUntilMs`: see FetchHostOptions; by that clock every target waits for its time. */
export function localLink(clock: Clock, env: Environment, early = 0, storedUntilMs?: number): OpenLink {
  return (events) => {
    let waiting: FetchReport[] | undefined = [];
    const report = (report: FetchReport): void => {
      if (waiting) waiting.push(report);
      else events.report(report);
    };
    const hasRoom = (): boolean => waiting === undefined || waiting.length < MOST_WAITING;
    const host = new FetchHost({ clock, env, report, hasRoom, early, storedUntilMs });
    return {
      send: (command) => host.take(command),
      begin: () => {
        const reports = waiting ?? [];
        waiting = undefined;
        for (const each of reports) events.report(each);
      },
      close: () => host.close(),
    };
  };
}
