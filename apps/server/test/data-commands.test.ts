import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupCommand } from '../src/cli/backup.ts';
import { restoreCommand } from '../src/cli/restore.ts';
import { tsdbCommand } from '../src/cli/tsdb.ts';
import { printedBy } from './rule-peer.ts';
import { fillStore, runApp, type TestApp } from './running-app.ts';

let app: TestApp;
let data: string;

beforeAll(async () => {
  app = await runApp('scrape_configs: []\nwatchroom: { health: { enabled: false } }\n');
  data = join(app.folder, 'data');
  fillStore(app.app.store, Date.now() - 60_000, 60);
  await app.app.store.flush();
});
afterAll(() => app.close());

describe('backup and restore', () => {
  it('copy the folder of a running server, verified on both ways', async () => {
    const backup = join(app.folder, 'backup');
    const made = await printedBy(() => backupCommand(['--data', data, '--to', backup]));
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout).toMatch(/backup: \d+ files, \d+\.\d kB, 600 samples\n$/);
    const restored = join(app.folder, 'restored');
    expect(await printedBy(() => restoreCommand(['--from', backup, '--data', restored]))).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`start with: watchroom serve --data ${restored}`),
    });
    expect(readdirSync(restored).sort()).toEqual(readdirSync(backup).sort());
    expect(await printedBy(() => tsdbCommand(['verify', '--data', restored]))).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/ 600 samples, 0 faults\n$/),
    });
    await expect(backupCommand(['--data', data, '--to', backup])).rejects.toThrow(/is there already.*choose/);
    await expect(restoreCommand(['--from', backup, '--data', data])).rejects.toThrow(/is there already/);
  });

  it('restore refuses a backup with a fault, and names it', async () => {
    const backup = join(app.folder, 'broken');
    await printedBy(() => backupCommand(['--data', data, '--to', backup]));
    const head = readFileSync(join(backup, 'head.db'));
    const at = head.lastIndexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]));
    head[at + 12]! ^= 4;
    writeFileSync(join(backup, 'head.db'), head);
    const to = join(app.folder, 'never');
    const refused = await printedBy(() => restoreCommand(['--from', backup, '--data', to]));
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/head\.db: (wal|series) row \d+: the checksum does not fit\n/);
    expect(refused.stderr).toContain('nothing was restored');
    expect(readdirSync(app.folder)).not.toContain('never');
    const forced = await printedBy(() => restoreCommand(['--from', backup, '--data', to, '--force']));
    expect(forced.status).toBe(0);
  });

  it('analyze counts series, labels, churn and samples as promtool does', async () => {
    const { status, stdout } = await printedBy(() =>
      tsdbCommand(['analyze', '--data', data, '--limit', '3']),
    );
    expect(status).toBe(0);
    const sections = Object.fromEntries(
      stdout.split('\n\n').map((part) => [part.split('\n')[0]!, part.trim().split('\n').slice(1)]),
    );
    expect(stdout).toMatch(/^Samples not yet in blocks: 600 in \d/m);
    expect(stdout).toMatch(
      /^Total Series: 10\nLabel names: 2\nPostings \(unique label pairs\): 11\nPostings entries \(total label pairs\): 20$/m,
    );
    expect(sections).toMatchObject({
      'Label pairs most involved in churning:': ['0 __name__=m', '0 i=0', '0 i=1'],
      'Most common label pairs:': ['10 __name__=m', '1 i=0', '1 i=1'],
      'Label names with highest cumulative label value length:': ['10 i', '1 __name__'],
      'Highest cardinality labels:': ['10 i', '1 __name__'],
      'Highest cardinality metric names:': ['10 m'],
      'Metric names with most samples (those of a block shared evenly among its series):': ['600 m'],
    });
    await expect(tsdbCommand(['analyze', '--data', data, '--limit', 'x'])).rejects.toThrow(
      /--limit x is not a number/,
    );
  });

  it.each([
    [() => backupCommand(['--data', '/nowhere/data', '--to', 'x']), /there is no folder \/nowhere\/data/],
    [() => backupCommand(['--data', data]), /--to DIR is missing/],
    [() => restoreCommand(['--data', 'x']), /--from DIR is missing/],
    [
      () => backupCommand(['--data', app.folder, '--to', join(dirname(app.folder), 'y')]),
      /is not a data folder/,
    ],
    [
      () => backupCommand(['--data', data, '--to', join(data, 'y')]),
      /lies in .*; name a folder outside of it/,
    ],
    [
      () => restoreCommand(['--from', data, '--data', join(data, 'y')]),
      /name a folder outside of it with --data/,
    ],
    [() => restoreCommand(['--from', app.configFile, '--data', 'x']), /is a file; name the folder/],
    [() => tsdbCommand(['verify', '--data', app.configFile]), /is a file; name the folder/],
    [() => backupCommand(['--data', data, '--to', '/proc/x/y']), /ENOENT.*'\/proc\/x'; look at rights/],
    [
      () => tsdbCommand(['dump', '--data', data, '--start', '10', '--end', '5']),
      /--end 5 lies before --start 10/,
    ],
    [() => tsdbCommand(['import', '--data', data, app.folder]), /is a folder; name a file in it/],
    [() => tsdbCommand([]), /name a command; commands: tsdb .*tsdb verify/],
    [() => tsdbCommand(['vrify']), /there is no command "tsdb vrify"/],
  ])('say what is missing (%#)', async (run, message) => {
    await expect(run()).rejects.toThrow(message);
  });
});
