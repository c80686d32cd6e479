import type { LiveAlert } from '@watchroom/contract';
import { describe, expect, it } from 'vitest';
import { alertTitle, changesOf, stateOfAlert } from './alert-changes.ts';

const alert = (state: LiveAlert['state'], labels: Record<string, string> = {}): LiveAlert => ({
  name: 'HealthLow',
  state,
  labels,
  annotations: {},
  value: 1,
  activeAtMs: 0,
  firedAtMs: undefined,
  resolvedAtMs: undefined,
});
const map = (entries: Record<string, LiveAlert>) => new Map(Object.entries(entries));

describe('what a page announces', () => {
  it('an alert that begins to fire, whether it was pending or not seen before', () => {
    const after = map({ a: alert('firing'), b: alert('firing'), c: alert('pending') });
    expect(changesOf(map({ a: alert('pending') }), after).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('nothing while it goes on firing', () => {
    const firing = map({ a: alert('firing') });
    expect(changesOf(firing, map({ a: alert('firing') }))).toEqual([]);
  });

  it('that it is over, when it says so and when it is gone', () => {
    const before = map({ a: alert('firing'), b: alert('firing'), c: alert('pending') });
    const changes = changesOf(before, map({ a: alert('resolved') }));
    expect(changes.map((change) => [change.id, change.alert.state])).toEqual([
      ['a', 'resolved'],
      ['b', 'resolved'],
    ]);
  });

  it('names what it is about first, and colours by severity', () => {
    expect(alertTitle(alert('firing', { service: 'order' }))).toBe('order · HealthLow');
    expect(stateOfAlert(alert('firing', { severity: 'critical' }))).toBe('critical');
    expect(stateOfAlert(alert('firing', { severity: 'info' }))).toBe('unknown');
    expect(stateOfAlert(alert('firing'))).toBe('warning');
    expect(stateOfAlert(alert('resolved', { severity: 'critical' }))).toBe('healthy');
  });
});
