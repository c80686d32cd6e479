import { describe, expect, it } from 'vitest';
import { job, rig, START_MS, serve, text } from './harness.ts';

describe('what a scrape stores', () => {
  it('is the samples, up and the report, at one time a second apart', async () => {
    let n = 0;
    const address = await serve(text(() => `a_total ${++n}\nb{x="1"} 2\n`));
    const { cycle, series, values, feeds, manager } = await rig(job(address));
    for (let i = 0; i < 3; i++) await cycle();
    const times = series('a_total').map(([time]) => time);
    expect(values('a_total')).toEqual([1, 2, 3]);
    expect(times[1]! - times[0]!).toBeLessThanOrEqual(1000);
    expect(times[1]! - times[0]!).toBeGreaterThan(1000 - 125);
    expect(times[2]! - times[1]!).toBe(1000);
    expect(series('up', { instance: address, job: 'a' })).toEqual(times.map((time) => [time, 1]));
    expect(values('scrape_samples_scraped')).toEqual([2, 2, 2]);
    expect(values('scrape_samples_post_metric_relabeling')).toEqual([2, 2, 2]);
    expect(values('scrape_series_added')).toEqual([2, 0, 0]);
    expect(values('scrape_duration_seconds').length).toBe(3);
    expect(feeds.length).toBe(3);
    expect([...feeds[0]!.metricNames].sort().slice(0, 2)).toEqual(['a_total', 'b']);
    expect(feeds[0]!.metricNames.has('up')).toBe(true);
    expect(feeds[1]!.metricNames).toBe(feeds[0]!.metricNames);
    expect(feeds[0]!.labels.get('instance')).toBe(address);
    const [target] = manager.targets();
    expect(target).toMatchObject({ health: 'up', lastError: '', sampleCount: 2, intervalMs: 1000 });
  });

  it('ends with a marker for a series that vanishes, once', async () => {
    const bodies = ['a 1\nb 1\n', 'a 2\n', 'a 3\n', 'a 4\nb 4\n'];
    const address = await serve(text(() => bodies.shift()!));
    const { cycle, values, feeds } = await rig(job(address));
    for (let i = 0; i < 4; i++) await cycle();
    expect(values('a')).toEqual([1, 2, 3, 4]);
    expect(values('b')).toEqual([1, 'stale', 4]);
    expect(values('scrape_series_added')).toEqual([2, 0, 0, 1]);
    expect(feeds.map((feed) => feed.metricNames.has('b'))).toEqual([true, true, false, true]);
  });

  it('marks every series when a scrape fails, for a syntax error in any line too', async () => {
    const bodies = ['a 1\nb 1\n', 'a 2\nb !\n', 'a 3\nb 3\n'];
    const address = await serve(text(() => bodies.shift()!));
    const { cycle, values, manager, counts } = await rig(job(address));
    await cycle();
    await cycle();
    expect(manager.targets()[0]!.health).toBe('down');
    expect(manager.targets()[0]!.lastError).toMatch(/^line 2: /);
    await cycle();
    expect(values('a')).toEqual([1, 'stale', 3]);
    expect(values('b')).toEqual([1, 'stale', 3]);
    expect(values('up')).toEqual([1, 0, 1]);
    expect(counts.get('parse errors')).toBe(1);
  });

  it('keeps own timestamps, and then writes no markers unless told', async () => {
    const bodies = ['a 1 1699999990000\n', '\n'];
    const address = await serve(text(() => bodies.shift()!));
    const plain = await rig(job(address));
    await plain.cycle();
    await plain.cycle();
    expect(plain.series('a')).toEqual([[-10_000, 1]]);

    const again = ['a 1 1699999990000\n', '\n'];
    const second = await serve(text(() => again.shift()!));
    const tracked = await rig(job(second, ['track_timestamps_staleness: true']));
    await tracked.cycle();
    await tracked.cycle();
    expect(tracked.values('a')).toEqual([1, 'stale']);
  });

  it('takes the scrape time with honor_timestamps off', async () => {
    const address = await serve(text(() => 'a 1 1699999990000\n'));
    const { cycle, series } = await rig(job(address, ['honor_timestamps: false']));
    await cycle();
    expect(series('a')[0]![0]).toBeGreaterThanOrEqual(0);
  });

  it('moves clashing labels to exported_ or honours them', async () => {
    const address = await serve(text(() => 'a{job="x",instance="y"} 1\n'));
    const plain = await rig(job(address));
    await plain.cycle();
    expect(plain.values('a', { job: 'a', exported_job: 'x', exported_instance: 'y' })).toEqual([1]);
    const honoured = await rig(job(address, ['honor_labels: true']));
    await honoured.cycle();
    expect(honoured.values('a', { job: 'x', instance: 'y' })).toEqual([1]);
  });

  it('relabels metrics once and counts what it drops', async () => {
    const address = await serve(text(() => 'a 1\nb 2\nc{old="v"} 3\n'));
    const { cycle, values, counts } = await rig(
      job(address, [
        'metric_relabel_configs:',
        '  - {source_labels: [__name__], regex: b, action: drop}',
        '  - {regex: old, replacement: new, action: labelmap}',
      ]),
    );
    await cycle();
    await cycle();
    expect(values('b')).toEqual([]);
    expect(values('c', { new: 'v' })).toEqual([3, 3]);
    expect(values('scrape_samples_scraped')).toEqual([3, 3]);
    expect(values('scrape_samples_post_metric_relabeling')).toEqual([2, 2]);
    expect(counts.get('dropped')).toBe(2);
  });

  // Counted by Prometheus 3.5 on the same bodies.
  it.each([
    ['a line that is none', 'a 1\nb 1\n!\nc 1\n', [], 2, 2],
    ['labels that are none', 'a 1\nb{x="1",x="2"} 1\nc 1\n', [], 2, 1],
    ['a label too many', 'a 1\nb{x="1"} 1\nc 1\n', ['label_limit: 3'], 2, 1],
    ['a sample too many', 'a 1\nb 1\nc 1\n', ['sample_limit: 1'], 3, 3],
  ])(
    'counts a body that is refused for %s as far as Prometheus reads it',
    async (_, body, lines, read, kept) => {
      const address = await serve(text(() => body));
      const { cycle, values, manager } = await rig(job(address, lines));
      await cycle();
      expect(values('up')).toEqual([0]);
      expect(values('scrape_samples_scraped')).toEqual([read]);
      expect(values('scrape_samples_post_metric_relabeling')).toEqual([kept]);
      expect(manager.targets()[0]!.lastError).not.toBe('');
    },
  );

  it('tells of samples that the store refuses, in the row and once a minute in the log', async () => {
    let round = 0;
    const address = await serve(
      text(() => {
        round++;
        const back = round === 1 ? 0 : 60_000;
        return `a 1 ${START_MS - back}\nb ${round} ${START_MS}\nc 1\n`;
      }),
    );
    const { cycle, manager, logged, values } = await rig(job(address));
    const row = () => manager.targets()[0]!;
    await cycle();
    expect([row().health, row().lastError, logged]).toEqual(['up', '', []]);
    for (let i = 0; i < 70; i++) await cycle();
    expect(row().health).toBe('up');
    expect(row().lastError).toBe(
      '2 samples of the last scrape are not stored: out of order (1), another value at the same time (1)',
    );
    const [order, conflict] = [
      'Error on ingesting out-of-order samples',
      'Error on ingesting samples with different value but same timestamp',
    ];
    expect(logged).toEqual([order, conflict, order, conflict]);
    expect(values('c')).toHaveLength(71);
  });

  it('joins lines that relabelling makes one series', async () => {
    const bodies = ['a{x="1"} 1\n', 'a{x="2"} 2\n'];
    const address = await serve(text(() => bodies.shift()!));
    const { cycle, values } = await rig(
      job(address, ['metric_relabel_configs: [{regex: x, action: labeldrop}]']),
    );
    await cycle();
    await cycle();
    expect(values('a')).toEqual([1, 2]);
  });

  it('stores the first of repeated lines and counts the others', async () => {
    const address = await serve(text(() => 'a 1\na 2\nb 3\n'));
    const { cycle, values, counts } = await rig(job(address));
    await cycle();
    expect(values('a')).toEqual([1]);
    expect(values('scrape_samples_post_metric_relabeling')).toEqual([3]);
    expect(counts.get('duplicate')).toBe(1);
  });

  it('writes the extra series when asked', async () => {
    const address = await serve(text(() => 'a 1\n'));
    const { cycle, values } = await rig(job(address, ['extra_scrape_metrics: true', 'sample_limit: 5']));
    await cycle();
    expect(values('scrape_timeout_seconds')).toEqual([1]);
    expect(values('scrape_sample_limit')).toEqual([5]);
    expect(values('scrape_body_size_bytes')).toEqual([4]);
  });
});

it('a store that throws takes down the scrape, not the loop', async () => {
  const address = await serve(text(() => 'a 1\n'));
  const { cycle, store, manager, values } = await rig(job(address));
  await cycle();
  const appender = store.appender.bind(store);
  store.appender = () => {
    throw new Error('disk full');
  };
  await cycle();
  const lastError = 'the scrape could not be stored: disk full';
  expect(manager.targets()[0]).toMatchObject({ health: 'down', lastError });
  store.appender = appender;
  await cycle();
  expect(values('a')).toEqual([1, 1]);
});

it('a target whose samples cannot be stored is down in its own series too, and begins anew', async () => {
  let value = 1;
  const address = await serve(text(() => `a ${value}\n`));
  const { cycle, store, values } = await rig(job(address));
  await cycle();
  const open = store.appender.bind(store);
  store.appender = () => {
    const appender = open();
    const append = appender.append.bind(appender);
    appender.append = (ref, timeMs, sample) => {
      if (sample === 7) throw new Error('no series has the ref 1');
      return append(ref, timeMs, sample);
    };
    return appender;
  };
  value = 7;
  await cycle();
  value = 2;
  await cycle();
  expect(values('up')).toEqual([1, 0, 1]);
  expect(values('a')).toEqual([1, 'stale', 2]);
});

describe('limits', () => {
  const cases = [
    ['sample_limit: 1', 'sample limit exceeded', 'sample'],
    ['label_limit: 3', 'label_limit exceeded (metric: b, number of labels: 4, limit: 3)', 'label'],
    [
      'label_name_length_limit: 8',
      'label_name_length_limit exceeded (metric: b, label name: much_longer, length: 11, limit: 8)',
      'label_name_length',
    ],
    [
      'label_value_length_limit: 20',
      'label_value_length_limit exceeded (metric: b, label name: much_longer, value: "123456789012345678901", length: 21, limit: 20)',
      'label_value_length',
    ],
    ['body_size_limit: 10B', 'body size limit exceeded', 'body_size'],
    ['target_limit: 1', 'target_limit exceeded (number of targets: 2, limit: 1)', 'target'],
  ] as const;

  it.each(cases)('%s fails the scrape every time', async (setting, message, kind) => {
    const address = await serve(text(() => 'a 1\nb{much_longer="123456789012345678901"} 2\n'));
    const wanted = job(address, [setting]);
    const [only] = wanted.scrapeConfigs;
    const groups = only!.staticConfigs;
    const doubled = { ...groups[0]!, targets: [...groups[0]!.targets, '127.0.0.1:1'] };
    const scrapeConfigs = kind === 'target' ? [{ ...only!, staticConfigs: [doubled] }] : [only!];
    const { cycle, values, manager, counts } = await rig({ ...wanted, scrapeConfigs });
    await cycle(scrapeConfigs[0]!.staticConfigs[0]!.targets.length);
    await cycle(scrapeConfigs[0]!.staticConfigs[0]!.targets.length);
    expect(manager.targets().map((target) => target.lastError)).toContain(message);
    expect(values('up', { instance: address })).toEqual([0, 0]);
    expect(values('a')).toEqual([]);
    expect(counts.get(`limit ${kind}`)).toBeGreaterThan(0);
  });
});
