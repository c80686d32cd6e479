import { parseTargetGroups } from '@watchroom/config';
import { Labels } from '@watchroom/model';
import { describe, expect, it } from 'vitest';
import { joinLabels } from '../src/mutate.ts';
import { Schedule, untilPlaceMs } from '../src/schedule.ts';
import { resolveGroup, turnOf } from '../src/target.ts';
import { config } from './harness.ts';

describe('joining labels', () => {
  const target = Labels.fromObject({ job: 'j', a: 'target' });

  it('moves what clashes, and on if that is taken too', () => {
    const own = Labels.fromObject({ a: 'own', exported_a: 'also own' });
    expect(joinLabels(own, target, false).toObject()).toEqual({
      a: 'target',
      exported_a: 'also own',
      exported_exported_a: 'own',
      job: 'j',
    });
  });

  it('keeps the own label when told to honour it', () => {
    const own = Labels.fromObject({ a: 'own' });
    expect(joinLabels(own, target, true).toObject()).toEqual({ a: 'own', job: 'j' });
  });

  it('sorts what comes from both sides in byte order', () => {
    const apart = Labels.fromObject({ __name__: 'n', b: '1', '\u{1f600}': '2', z: '3' });
    const between = Labels.fromObject({ A: '4', a: '5', '\uffee': '6', zz: '7' });
    const all = Labels.fromPairs([...apart.pairs(), ...between.pairs()]);
    for (const joined of [joinLabels(apart, between, false), joinLabels(between, apart, true)])
      expect([joined.names, joined.values]).toEqual([all.names, all.values]);
    expect(joinLabels(Labels.EMPTY, apart, false).equals(apart)).toBe(true);
    expect(joinLabels(apart, Labels.EMPTY, false).equals(apart)).toBe(true);
  });
});

describe('the schedule', () => {
  it('keeps sample times on a grid within the tolerance, and shows real lateness', () => {
    const schedule = new Schedule(1000, 100);
    expect(schedule.start(5000.4, 100.4)).toMatchObject({ sampleTimeMs: 5000 });
    expect(schedule.advance(130)).toBe(0);
    expect(schedule.start(6001.9, 1101.9).sampleTimeMs).toBe(6000);
    expect(schedule.advance(1200)).toBe(0);
    expect(schedule.start(7030, 2130).sampleTimeMs).toBe(7030);
    expect(schedule.advance(2200)).toBe(0);
    expect(schedule.start(8000, 3100).sampleTimeMs).toBe(8000);
  });

  it('leaves out what was missed, and stays in phase', () => {
    const schedule = new Schedule(1000, 0);
    schedule.start(0, 0);
    expect(schedule.advance(4500)).toBe(3);
    expect(schedule.plannedMs).toBe(4000);
    expect(schedule.start(4500, 4500).sampleTimeMs).toBe(4500);
    expect(schedule.advance(4510)).toBe(0);
    expect(schedule.plannedMs).toBe(5000);
    expect(schedule.start(5000, 5000).sampleTimeMs).toBe(5000);
  });

  it('follows a wall clock that is set', () => {
    const schedule = new Schedule(1000, 0);
    expect(schedule.start(10_000, 0).sampleTimeMs).toBe(10_000);
    schedule.advance(10);
    expect(schedule.start(3000, 1000).sampleTimeMs).toBe(3000);
    schedule.advance(1010);
    expect(schedule.start(4000, 2000).sampleTimeMs).toBe(4000);
  });
});

describe('a turn', () => {
  it('is one of few within the interval, of as many targets each', () => {
    for (const [intervalMs, turns] of [
      [1000, 8],
      [5000, 10],
      [15_000, 30],
      [4, 8],
    ] as const) {
      const counts = new Map<number, number>();
      for (let i = 0; i < 1000; i++) {
        const turnMs = turnOf(`target ${i}`, 'seed', intervalMs);
        const wait = untilPlaceMs(turnMs, intervalMs, 1_700_000_000_123.5);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThan(intervalMs);
        counts.set(turnMs, (counts.get(turnMs) ?? 0) + 1);
      }
      expect(counts.size).toBe(Math.min(turns, intervalMs));
      const [fewest, most] = [Math.min(...counts.values()), Math.max(...counts.values())];
      expect(fewest).toBeGreaterThan(0.5 * (1000 / counts.size));
      expect(most).toBeLessThan(1.6 * (1000 / counts.size));
    }
  });

  it('is the same wall time whenever it is asked', () => {
    const turnMs = turnOf('t', 's', 5000);
    const at = (now: number): number => (now + untilPlaceMs(turnMs, 5000, now)) % 5000;
    expect(at(1_700_000_000_000)).toBe(at(1_700_000_003_210));
    expect(at(0)).toBe(turnMs);
    const seeds = ['a', 'b', 'c', 'd'];
    expect(new Set(seeds.map((seed) => turnOf('t', seed, 5000))).size).toBeGreaterThan(1);
  });
});

describe('a target', () => {
  const resolve = (yaml: string) => {
    const job = config(`scrape_configs:\n  - ${yaml}`).scrapeConfigs[0]!;
    return job.staticConfigs.flatMap((group) => resolveGroup(group, job));
  };

  it('takes what its group says over what the job says', () => {
    const [result] = resolve(
      '{job_name: a, static_configs: [{targets: ["h:1"], labels: {job: b, __scheme__: https, __metrics_path__: /m, ' +
        '__param_x: y, __scrape_interval__: 5s, __scrape_timeout__: 2s, __meta_z: z, __tmp: t}}]}',
    );
    expect(result?.kind === 'target' && result.target).toMatchObject({
      url: new URL('https://h:1/m?x=y'),
      intervalMs: 5000,
      timeoutMs: 2000,
      labels: Labels.fromObject({ instance: 'h:1', job: 'b' }),
    });
  });

  it.each([
    ['__scrape_interval__: soon', 'error parsing scrape interval: "soon"'],
    ['__scrape_timeout__: 2m', 'scrape timeout cannot be greater than scrape interval ("2m" > "1m")'],
    ['__scheme__: ftp', 'unsupported protocol scheme "ftp"'],
    ['__address__: a/b', '"a/b" is not a valid hostname'],
    ['__address__: "a:b:c"', 'invalid address "a:b:c"'],
  ])('with %s is refused', (labels, fault) => {
    const rules = `relabel_configs: [{target_label: "${labels.split(':')[0]}", replacement: "${JSON.parse(
      JSON.stringify(labels.slice(labels.indexOf(':') + 2).replaceAll('"', '')),
    )}"}]`;
    const [result] = resolve(`{job_name: a, static_configs: [{targets: ["h:1"]}], ${rules}}`);
    expect(result).toMatchObject({ kind: 'faulty', fault });
  });

  it('is refused with a group that is not one', () => {
    expect(parseTargetGroups('[null]', 'json', 's').fault).toContain('target group 0');
  });
});
