import type { ServiceFreshness } from '@watchroom/contract';
import { describe, expect, it } from 'vitest';
import { buildTiles, type TileInput, type TileModel } from './tile-model.ts';

const NOW = 1_000_000;
const fresh = (more: Partial<ServiceFreshness> = {}): ServiceFreshness => ({
  service: 'order',
  cluster: 'trade',
  targets: 2,
  up: 2,
  intervalMs: 1000,
  newestOkMs: NOW - 500,
  oldestOkMs: NOW - 900,
  lastError: undefined,
  ...more,
});

function tile(more: Partial<TileInput>): TileModel {
  const input: TileInput = {
    services: new Map([['order', fresh()]]),
    scores: new Map([['order', 97]]),
    components: new Map(),
    signals: new Map(),
    nowMs: NOW,
    ...more,
  };
  return buildTiles(input)[0]!;
}

describe('a tile', () => {
  it('is what its score says while its data is fresh', () => {
    expect(tile({})).toMatchObject({ state: 'healthy', late: false, ageS: 0 });
    expect(tile({ scores: new Map([['order', 69.9]]) }).state).toBe('warning');
    expect(tile({ scores: new Map([['order', 39]]) }).state).toBe('critical');
  });

  it('is late from the moment its newest data is older than two intervals', () => {
    const at = (ageMs: number) =>
      tile({ services: new Map([['order', fresh({ newestOkMs: NOW - ageMs, oldestOkMs: NOW - ageMs })]]) });
    expect(at(2000).late).toBe(false);
    expect(at(2001)).toMatchObject({ state: 'late', late: true, ageS: 2, score: 97 });
  });

  it('keeps its state but is marked when one of its targets is late', () => {
    const services = new Map([['order', fresh({ up: 1, oldestOkMs: NOW - 12_000 })]]);
    expect(tile({ services })).toMatchObject({ state: 'healthy', late: true, ageS: 12 });
  });

  it('without any data reads unknown, never green', () => {
    const services = new Map([['order', fresh({ up: 0, newestOkMs: undefined, oldestOkMs: undefined })]]);
    expect(tile({ services })).toMatchObject({ state: 'unknown', score: undefined, worst: 'noData' });
    expect(tile({ scores: new Map() })).toMatchObject({ state: 'unknown', worst: 'noData' });
    expect(tile({ scores: new Map([['order', Number.NaN]]) })).toMatchObject({
      state: 'unknown',
      worst: 'noData',
    });
  });

  it('without a score does not say that all is fine because some of its signals are', () => {
    const components = new Map([['order', { instances: 100 }]]);
    expect(tile({ scores: new Map(), components })).toMatchObject({ state: 'unknown', worst: 'noData' });
    const bad = new Map([['order', { instances: 100, saturation: 20 }]]);
    expect(tile({ scores: new Map(), components: bad }).worst).toBe('saturation');
  });

  it('without any target is unknown, whatever score is left over', () => {
    expect(tile({ services: new Map() })).toMatchObject({
      state: 'unknown',
      score: undefined,
      worst: 'noData',
    });
  });

  it('with every target failing is critical and marked late', () => {
    const services = new Map([['order', fresh({ up: 0, newestOkMs: NOW - 9000, oldestOkMs: NOW - 9000 })]]);
    expect(tile({ services, scores: new Map([['order', 0]]) })).toMatchObject({
      state: 'critical',
      late: true,
      ageS: 9,
      worst: 'down',
    });
  });

  it('names the component that is lowest', () => {
    const components = new Map([
      ['order', { availability: 60, latency: 80, saturation: 12, instances: 100 }],
    ]);
    expect(tile({ components }).worst).toBe('saturation');
    expect(tile({ components: new Map([['order', { availability: 99 }]]) }).worst).toBeUndefined();
  });
});
