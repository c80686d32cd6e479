import { describe, expect, it } from 'vitest';
import { Fetcher } from '../src/fetching/fetcher.ts';
import type { FetchCommand, FetchSettings } from '../src/fetching/protocol.ts';

/** A link that begins and keeps what it was told. */
function fetcher(): { fetcher: Fetcher; said: string[] } {
  const said: string[] = [];
  const send = (command: FetchCommand): void => {
    const url = command.kind === 'scrape' ? ` ${command.settings.url} ${command.generation}` : '';
    said.push(`${command.kind}${url}`);
  };
  const open = () => ({ send, begin: () => void said.push('begin'), close: async () => {} });
  return {
    fetcher: new Fetcher(
      open,
      () => {},
      (url) => url.includes('own'),
    ),
    said,
  };
}

const settings = (url: string): FetchSettings => ({
  client: 1,
  url,
  headers: {},
  intervalMs: 1000,
  turnMs: 0,
  timeoutMs: 1000,
  bodyLimitBytes: 0,
  forcedError: undefined,
  parserId: 1,
  parser: {},
});

describe('a target that answers from the beginning on only', () => {
  it('is not asked before, then as it was last said', () => {
    const { fetcher: one, said } = fetcher();
    const id = one.register({ report: () => {}, lost: () => {} });
    one.scrape(id, 1, settings('http://own/'));
    one.scrape(id, 2, settings('http://own/metrics'));
    one.scrape(7, 1, settings('http://other/'));
    expect(said).toEqual(['scrape http://other/ 1']);
    one.begin();
    expect(said.slice(1)).toEqual(['begin', 'scrape http://own/metrics 2']);
    one.scrape(id, 3, settings('http://own/'));
    expect(said.slice(3)).toEqual(['scrape http://own/ 3']);
  });

  it('is never asked when it is gone by then, and at once when its address has become another', () => {
    const { fetcher: one, said } = fetcher();
    const events = { report: () => {}, lost: () => {} };
    const [gone, moved] = [one.register(events), one.register(events)];
    one.scrape(gone, 1, settings('http://own/'));
    one.scrape(moved, 1, settings('http://own/'));
    one.stop(gone);
    one.scrape(moved, 2, settings('http://other/'));
    one.begin();
    expect(said).toEqual(['stop', 'scrape http://other/ 2', 'begin']);
  });
});
