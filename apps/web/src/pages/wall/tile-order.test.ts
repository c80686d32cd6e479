import { describe, expect, it } from 'vitest';
import { NO_ORDER, nextOrder, type Ranked, REORDER_MS } from './tile-order.ts';

const tile = (service: string, state: Ranked['state'], score?: number): Ranked => ({ service, state, score });

describe('the order of tiles', () => {
  it('is sickest first, and by name among equals', () => {
    const tiles = [
      tile('b', 'healthy', 99),
      tile('a', 'healthy', 98),
      tile('x', 'unknown'),
      tile('l', 'late', 97),
      tile('w', 'warning', 61),
      tile('c', 'critical', 12),
    ];
    expect(nextOrder(NO_ORDER, tiles, 0).names).toEqual(['c', 'w', 'l', 'x', 'a', 'b']);
  });

  it('does not jump within ten seconds, then does', () => {
    const first = nextOrder(NO_ORDER, [tile('a', 'healthy', 90), tile('b', 'healthy', 95)], 0);
    const sick = [tile('a', 'healthy', 90), tile('b', 'critical', 5)];
    expect(nextOrder(first, sick, REORDER_MS - 1)).toBe(first);
    expect(nextOrder(first, sick, REORDER_MS).names).toEqual(['b', 'a']);
  });

  it('is made anew as soon as scores are known: services arrive before their scores', () => {
    const blind = nextOrder(NO_ORDER, [tile('a', 'unknown'), tile('b', 'unknown')], 0);
    const seeing = nextOrder(blind, [tile('a', 'healthy', 100), tile('b', 'critical', 5)], 50);
    expect(seeing.names).toEqual(['b', 'a']);
    expect(nextOrder(seeing, [tile('a', 'critical', 1), tile('b', 'healthy', 99)], 100)).toBe(seeing);
  });

  it('ignores small movements of the score', () => {
    const first = nextOrder(NO_ORDER, [tile('a', 'healthy', 91), tile('b', 'healthy', 92)], 0);
    const later = nextOrder(first, [tile('a', 'healthy', 94), tile('b', 'healthy', 90.5)], REORDER_MS);
    expect(later.names).toBe(first.names);
  });

  it('takes in what is new and lets go what is gone at once', () => {
    const first = nextOrder(NO_ORDER, [tile('a', 'healthy', 90), tile('b', 'healthy', 95)], 0);
    const next = nextOrder(first, [tile('b', 'healthy', 95), tile('z', 'critical', 1)], 1);
    expect(next.names).toEqual(['b', 'z']);
  });
});
