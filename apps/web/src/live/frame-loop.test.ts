import { describe, expect, it, vi } from 'vitest';
import { FrameLoop } from './frame-loop.ts';
import { ManualScheduler } from './test/manual-scheduler.ts';

function scene() {
  const scheduler = new ManualScheduler();
  let serverMs = 10_000;
  const loop = new FrameLoop({ scheduler, serverNow: () => serverMs });
  const wait = (ms: number) => {
    serverMs += ms;
  };
  return { scheduler, loop, wait };
}

describe('FrameLoop', () => {
  it('draws each invalid drawer once, all in one frame', () => {
    const { scheduler, loop } = scene();
    const draws = [vi.fn(), vi.fn(), vi.fn()] as const;
    const [a, b] = draws.map((draw) => loop.register(draw));
    for (let i = 0; i < 5; i++) a!.invalidate();
    b!.invalidate();
    expect(scheduler.requested).toBe(1);
    scheduler.frame();
    expect(draws.map((draw) => draw.mock.calls.length)).toEqual([1, 1, 0]);
    scheduler.frame();
    expect(draws[0]).toHaveBeenCalledTimes(1);
  });

  it('draws the first change after silence at once, then at most ten times a second', () => {
    const { scheduler, loop } = scene();
    scheduler.atMs = 50_000;
    const draw = vi.fn();
    const drawer = loop.register(draw);
    let requestedAtOnce = 0;
    for (let ms = 0; ms < 1000; ms += 10) {
      drawer.invalidate();
      if (ms === 0) requestedAtOnce = scheduler.requested;
      scheduler.frame();
      scheduler.pass(10);
    }
    scheduler.frame();
    expect(requestedAtOnce).toBe(1);
    expect(draw.mock.calls.length).toBeGreaterThanOrEqual(9);
    expect(draw.mock.calls.length).toBeLessThanOrEqual(11);
    scheduler.pass(5000);
    scheduler.frame();
    drawer.invalidate();
    expect(scheduler.requested).toBe(1);
  });

  it('does not let what a person did wait for data, and draws what a drawing asks for in the same frame', () => {
    const { scheduler, loop } = scene();
    scheduler.atMs = 50_000;
    const strokes = vi.fn();
    const painted = loop.register(strokes);
    const state = loop.register(() => painted.invalidate('now'));
    state.invalidate();
    scheduler.frame();
    expect([strokes.mock.calls.length, scheduler.requested]).toEqual([1, 0]);
    state.invalidate();
    expect(scheduler.requested).toBe(0);
    painted.invalidate('now');
    expect(scheduler.requested).toBe(1);
  });

  it('does not draw what was removed, nor lets one failure stop others', () => {
    const { scheduler, loop } = scene();
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const gone = vi.fn();
    const fine = vi.fn();
    const drawer = loop.register(gone);
    drawer.invalidate();
    drawer.remove();
    drawer.invalidate();
    loop
      .register(() => {
        throw new Error('broken chart');
      })
      .invalidate();
    loop.register(fine).invalidate();
    scheduler.frame();
    expect([gone.mock.calls.length, fine.mock.calls.length, reported.mock.calls.length]).toEqual([0, 1, 1]);
    vi.unstubAllGlobals();
  });

  it('measures from the end of the scrape to after the paint', () => {
    const { scheduler, loop, wait } = scene();
    loop.fed(9900);
    loop.fed(9950);
    wait(16);
    scheduler.frame();
    expect(loop.recentLagsMs).toEqual([]);
    wait(4);
    scheduler.paint();
    expect(loop.recentLagsMs).toEqual([120, 70]);
    expect(loop.takeUnreported()).toEqual([120, 70]);
    expect(loop.takeUnreported()).toEqual([]);
  });

  it('counts nothing and keeps nothing while the page is hidden', () => {
    const { scheduler, loop, wait } = scene();
    loop.fed(9900);
    scheduler.isHidden = true;
    loop.forgetPending();
    for (let i = 0; i < 10_000; i++) loop.fed(10_000 + i);
    wait(600_000);
    scheduler.isHidden = false;
    scheduler.frame();
    scheduler.paint();
    expect(loop.recentLagsMs).toEqual([]);
    expect(loop.counts.uncounted).toBe(10_001);
  });

  it('keeps the last thousand lags', () => {
    const { scheduler, loop } = scene();
    for (let i = 0; i < 1200; i++) {
      loop.fed(10_000 - i);
      scheduler.frame();
      scheduler.paint();
    }
    expect(loop.recentLagsMs).toHaveLength(1000);
    expect(loop.recentLagsMs.at(-1)).toBe(1199);
  });
});
