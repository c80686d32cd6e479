import { get, type IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FixedSeries, type LoadedApp, loadedApp } from './loaded-app.ts';

const START_MS = 1_700_000_000_000;
const POINTS = 300;
const SERIES = 40;
const METRICS = 6;

/** Series whose every point tells which one it is. */
function series(metric: number): FixedSeries[] {
  return Array.from({ length: SERIES }, (_, i) => ({
    labels: { __name__: `m${metric}`, i: String(i).padStart(2, '0') },
    start_ms: START_MS,
    step_ms: 1000,
    values: Array.from({ length: POINTS }, (_, k) => metric * 1e6 + i * 1e3 + k + 0.5),
  }));
}

let app: LoadedApp;

beforeAll(async () => {
  const all = Array.from({ length: METRICS }, (_, metric) => series(metric)).flat();
  const elsewhere = { ...all[0]!, labels: { __name__: 'u', place: 'Zürich 苏黎世' } };
  app = await loadedApp([...all, elsewhere], START_MS + POINTS * 1000);
});

afterAll(() => app.close());

function urlOf(metric: number): URL {
  const [start, end] = [START_MS / 1000, START_MS / 1000 + POINTS - 1];
  return new URL(`/api/v1/query_range?query=m${metric}&start=${start}&end=${end}&step=1`, app.url);
}

function expected(metric: number): string {
  const result = series(metric).map(({ labels, values }) => ({
    metric: labels,
    values: values.map((value, k) => [START_MS / 1000 + k, String(value)]),
  }));
  return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
}

/** Reads an answer; with `slowly`, so that its pieces wait for their reader while others are written. */
function read(url: URL, slowly: boolean): Promise<string> {
  return new Promise((done, fail) => {
    get(url, (answer) => {
      const parts: Buffer[] = [];
      const take = async (): Promise<void> => {
        for await (const part of answer as AsyncIterable<Buffer>) {
          parts.push(part);
          if (slowly) for (let turn = 0; turn < 20; turn++) await nextTurn();
        }
        done(Buffer.concat(parts).toString());
      };
      take().catch(fail);
    }).on('error', fail);
  });
}

it('answers of many pieces are whole, however many are sent at once and however slowly they are read', async () => {
  const asked = Array.from({ length: 24 }, (_, k) => k % METRICS);
  const answers = await Promise.all(asked.map((metric, k) => read(urlOf(metric), k % 3 === 0)));
  for (const [k, metric] of asked.entries()) expect(answers[k] === expected(metric)).toBe(true);
});

it('what a client leaves unread harms no other answer', async () => {
  const left = Array.from({ length: 6 }, (_, metric) => {
    const sent = get(urlOf(metric), (answer) => answer.once('data', () => sent.destroy()));
    sent.on('error', () => {});
    return new Promise((gone) => sent.once('close', gone));
  });
  const whole = Array.from({ length: METRICS }, (_, metric) => read(urlOf(metric), metric % 2 === 0));
  await Promise.all(left);
  for (const [metric, answer] of (await Promise.all(whole)).entries())
    expect(answer === expected(metric)).toBe(true);
});

it.each([
  ['u', 1, 3],
  ['u', 1, POINTS],
  ['m0{i="00"}', 1, 3],
  ['m0{i="00"}', 1, POINTS],
  ['m0{i=~"0[0-2]"}', 3, POINTS],
  ['m0{i=~"0[0-5]"}', 6, POINTS],
])(
  'an answer of one piece is whole with its length, whatever it is written as: %s, %i × %i',
  async (query, count, points) => {
    const [start, end] = [START_MS / 1000, START_MS / 1000 + points - 1];
    const asked = new URLSearchParams({ query, start: String(start), end: String(end), step: '1' });
    const answer = await fetch(new URL(`/api/v1/query_range?${asked}`, app.url), {
      headers: { 'accept-encoding': 'identity' },
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get('content-length')).toBe(String(bytes.length));
    const { data } = JSON.parse(bytes.toString('utf8'));
    expect(data.result).toHaveLength(count);
    for (const { metric, values } of data.result) {
      if (query === 'u') expect(metric.place).toBe('Zürich 苏黎世');
      expect(values).toHaveLength(points);
      expect(values.at(-1)).toEqual([end, String(Number(metric.i ?? 0) * 1e3 + points - 0.5)]);
    }
  },
);

it.each([
  ['m5{i=~"[01]."}', 20, 'content-length'],
  ['m5{i=~"[0-2]."}', 30, 'content-length'],
  ['m5', 40, 'transfer-encoding'],
])(
  'an answer of few pieces goes out with its length, a longer one as a stream: %s',
  async (query, count, header) => {
    const [start, end] = [START_MS / 1000, START_MS / 1000 + POINTS - 1];
    const asked = new URLSearchParams({ query, start: String(start), end: String(end), step: '1' });
    // The same text each time, whether it is written or was kept.
    for (let turn = 0; turn < 3; turn++) {
      const answer = await new Promise<IncomingMessage>((done, fail) => {
        get(new URL(`/api/v1/query_range?${asked}`, app.url), done).on('error', fail);
      });
      const parts: Buffer[] = [];
      for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
      const bytes = Buffer.concat(parts);
      expect(answer.headers[header]).toBe(header === 'content-length' ? String(bytes.length) : 'chunked');
      expect(answer.headers['content-type']).toBe('application/json');
      const all = JSON.parse(expected(5));
      all.data.result.length = count;
      expect(bytes.toString() === JSON.stringify(all)).toBe(true);
    }
  },
);
