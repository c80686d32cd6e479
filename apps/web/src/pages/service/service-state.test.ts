import { describe, expect, it } from 'vitest';
import { hiddenOf, readServiceState, toggled, writeServiceState } from './service-state.ts';

const of = (text: string) => readServiceState(new URLSearchParams(text));

describe('the URL of a service page', () => {
  it('is empty for the plain page and keeps what is not its own', () => {
    expect(writeServiceState(new URLSearchParams('theme=light'), of('')).toString()).toBe('theme=light');
  });

  it('comes back as it was written, names with commas too', () => {
    const state = {
      range: { kind: 'absolute', fromMs: 1000, toMs: 2000 },
      resource: 'pool',
      hidden: new Set(['latency.P50', 'traffic.a,b']),
    } as const;
    const text = writeServiceState(new URLSearchParams(), state).toString();
    expect(readServiceState(new URLSearchParams(text))).toEqual(state);
  });

  it('takes the defaults for what it cannot read', () => {
    const state = of('range=last:soon&hide=%25E0%25A4%25A,traffic.200');
    expect(state.range).toEqual({ kind: 'live', windowMs: 900_000 });
    expect([...state.hidden]).toEqual(['traffic.200']);
  });

  it('toggles, and gives each panel its own names', () => {
    const hidden = toggled(toggled(new Set(), 'latency.P50'), 'traffic.200');
    expect([...hiddenOf(hidden, 'latency')]).toEqual(['P50']);
    expect([...toggled(hidden, 'latency.P50')]).toEqual(['traffic.200']);
  });
});
