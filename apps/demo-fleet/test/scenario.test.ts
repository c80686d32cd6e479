import { describe, expect, it } from 'vitest';
import { createIncidentRunner } from '../src/incident.ts';
import { CALM, double11 } from '../src/scenario.ts';

describe('double11', () => {
  it('runs through its phases in order, twenty to thirty minutes in all', () => {
    const phases = Array.from({ length: double11.lengthS }, (_, t) => double11.phaseAt(t));
    expect(phases.filter((phase, i) => phase !== phases[i - 1])).toEqual([
      'ramp',
      'saturation',
      'outage',
      'mitigation',
      'recovery',
      'calm',
    ]);
    expect(double11.lengthS).toBeGreaterThanOrEqual(20 * 60);
    expect(double11.lengthS).toBeLessThanOrEqual(30 * 60);
    expect(phases.filter((phase) => phase === 'outage').length).toBeGreaterThanOrEqual(15 * 60);
  });

  it('refuses 37 % throughout the outage and enlarges the pool in steps', () => {
    for (const t of [300, 700, 1199])
      expect(double11.conditionsAt(t).sick?.refusedShare).toBeCloseTo(0.37, 12);
    const pools = Array.from({ length: double11.lengthS }, (_, t) => double11.conditionsAt(t).sick?.poolMax);
    expect([...new Set(pools)]).toEqual([16, 32, 64]);
  });
});

describe('the incident runner', () => {
  it('advances by the speed and ends after the length', () => {
    const runner = createIncidentRunner();
    expect(runner.advance()).toBe(CALM);
    expect(runner.start({ name: 'double11', speed: 60 })).toBe(true);
    for (let i = 0; i < 6; i++) runner.advance();
    expect(runner.status()).toEqual({
      available: true,
      running: true,
      name: 'double11',
      speed: 60,
      phase: 'outage',
      elapsedS: 360,
      lengthS: 1800,
    });
    for (let i = 0; i < 24; i++) runner.advance();
    expect(runner.status()).toMatchObject({ running: false, name: undefined, phase: 'idle', elapsedS: 0 });
    expect(runner.advance()).toBe(CALM);
  });

  it('has one incident at a time and knows only its scenarios', () => {
    const runner = createIncidentRunner();
    expect(runner.start({ name: 'nothing', speed: 1 })).toBe(false);
    expect(runner.start({ name: 'double11', speed: 1 })).toBe(true);
    expect(runner.start({ name: 'double11', speed: 2 })).toBe(false);
    runner.stop();
    expect(runner.advance()).toBe(CALM);
    expect(runner.start({ name: 'double11', speed: 2 })).toBe(true);
  });
});
