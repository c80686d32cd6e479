import type { HealthPart } from '@watchroom/contract';
import { describe, expect, it } from 'vitest';
import { byLoss, lossText, partValue, waterfall } from './explanation.ts';

const part = (id: string, loss: number, more: Partial<HealthPart> = {}): HealthPart => ({
  id,
  kind: 'component',
  loss,
  score: 0,
  weight: 10,
  query: 'up',
  value: 1,
  unit: 'none',
  ...more,
});

describe('an explanation', () => {
  it('puts the heaviest loss first, then the heaviest weight', () => {
    const parts = [
      part('instances', 0, { weight: 10 }),
      part('tail', 4),
      part('availability', 0, { weight: 35 }),
      part('saturation', 20),
    ];
    expect(byLoss(parts).map(({ id }) => id)).toEqual(['saturation', 'tail', 'availability', 'instances']);
  });

  it('steps down from 100 to the score, without gaps', () => {
    const steps = waterfall({ parts: [part('tail', 4.5), part('instances', 0), part('cap', 20.5)] });
    expect(steps).toEqual([
      { id: 'cap', from: 100, to: 79.5 },
      { id: 'tail', from: 79.5, to: 75 },
    ]);
  });

  it('steps back up for a raised bound', () => {
    const steps = waterfall({ parts: [part('down', 110), part('clamp', -10)] });
    expect(steps.at(-1)).toEqual({ id: 'clamp', from: -10, to: 0 });
  });

  it('writes losses with a true minus and values with their unit', () => {
    expect([lossText(12.34), lossText(0.01), lossText(-3)]).toEqual(['−12.3', '0', '+3.0']);
    expect(partValue(part('x', 0, { value: 0.5, unit: 'seconds' }), 'en')).toBe('500 ms');
    expect(partValue(part('x', 0, { value: 14.4, unit: 'burn' }), 'en')).toBe('14.4×');
    expect(partValue(part('x', 0, { value: null }), 'en')).toBe('–');
  });
});
