import { ScrapeParser } from '@watchroom/exposition';
import { type Appender, Labels } from '@watchroom/model';
import { MemoryStore, seededRandom } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { SeriesTable } from '../src/series-table.ts';
import { job } from './harness.ts';

const config = job('a:1', ['sample_limit: 11']).scrapeConfigs[0]!;
const EVERYTHING = { startMs: 0, endMs: 1e15, stepMs: 0, rangeMs: 0, func: '' };

/** A target with its parser, table and store; with `rows`, bodies that allow it are taken at once. */
class Side {
  readonly store = new MemoryStore();
  readonly #parser = new ScrapeParser();
  readonly #table = new SeriesTable(config, Labels.fromObject({ job: 'a' }));
  readonly #rows: boolean;
  taken = 0;

  constructor(rows: boolean) {
    this.#rows = rows;
  }

  /** What the scrape says of itself. `body` undefined: it failed. */
  scrape(body: string | undefined, timeMs: number): unknown[] {
    const table = this.#table;
    let appender = this.#appender();
    table.begin(appender, timeMs);
    if (body !== undefined) {
      this.#parser.parse(new TextEncoder().encode(body), 'text/plain', table);
      if (!table.fault) {
        const names = [...table.finish()].sort();
        appender.commit();
        return [names, table.kept, table.added, [...table.outcomes()]];
      }
    }
    appender.rollback();
    appender = this.#appender();
    const names = [...table.markAll(appender, timeMs)].sort();
    appender.commit();
    return [names, table.fault];
  }

  content(): unknown[] {
    return this.store
      .select([], EVERYTHING)
      .map(({ labels, timestamps, values }) => [labels.key, [...timestamps], [...values].map(String)])
      .sort();
  }

  #appender(): Appender {
    const appender = this.store.appender();
    const append = appender.appendRow!.bind(appender);
    Object.defineProperty(appender, 'appendRow', {
      value: this.#rows
        ? (...row: Parameters<typeof append>) => append(...row) && ++this.taken > 0
        : undefined,
    });
    return appender;
  }
}

it('scrapes that are taken in rows store what scrapes that are taken line by line store', () => {
  const random = seededRandom(5);
  let taken = 0;
  for (let target = 0; target < 40; target++) {
    const [fast, slow] = [new Side(true), new Side(false)];
    let lines = Array.from({ length: 8 }, (_, i) => `m${i % 3}{i="${i}"}`);
    for (let scrape = 1; scrape < 40; scrape++) {
      // Series come, go, stand in another place, twice or under another text; or there are too many for the limit.
      const change = random();
      if (change < 0.06) lines = lines.filter(() => random() < 0.8);
      else if (change < 0.12) lines = [...lines, `n{i="${Math.floor(random() * 20)}"}`];
      else if (change < 0.16) lines = [...lines].reverse();
      else if (change < 0.18) lines = [...lines, 'm0{ i="0" }'];
      else if (change < 0.2) lines = lines.slice(0, 6);
      const times = random() < 0.05 ? ` ${scrape * 1000 - 5}` : '';
      const text = lines.map((line) => `${line} ${Math.floor(random() * 9)}${times}\n`).join('');
      const failed = random() < 0.06;
      // Now and then at the time of the scrape before.
      const timeMs = (scrape - (random() < 0.04 ? 1 : 0)) * 1000;
      const body = failed ? undefined : text;
      expect(fast.scrape(body, timeMs)).toEqual(slow.scrape(body, timeMs));
    }
    expect(fast.content()).toEqual(slow.content());
    taken += fast.taken;
  }
  expect(taken).toBeGreaterThan(300);
});
