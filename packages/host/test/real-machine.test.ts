/** On the machine the tests run on; with NODE_EXPORTER=<its binary>, names and types are compared with node_exporter's. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { HostCollector } from '../src/index.ts';
import { seriesOf, typesOf } from './series.ts';

const EXPORTER = process.env['NODE_EXPORTER'];
/** What node_exporter gives by default and we do not: see the README. */
const DECLINED =
  /^(?:go_|process_|promhttp_|node_exporter_build_info|node_timex_|node_textfile_|node_filesystem_purgeable_bytes|node_(?:schedstat|hwmon|zfs|xfs|btrfs|md|nfs|nfsd|ipvs|edac|rapl|power_supply|infiniband|bonding|fibrechannel|tape|nvme|dmi|watchdog|systemd|bcache)_)/;

test('collects from this machine without a failure', async () => {
  const log: string[] = [];
  const host = new HostCollector({ log: (message) => log.push(message) });
  const text = await host.collect();
  host.close();
  expect(log).toEqual([]);
  expect(seriesOf(text).get('node_time_seconds')).toBeGreaterThan(1e9);
});

test('has the families of node_exporter, with their types', async () => {
  if (EXPORTER === undefined || !existsSync(EXPORTER)) {
    console.log('node_exporter is not here (set NODE_EXPORTER to its binary): passing on');
    return;
  }
  const port = await freePort();
  const child = spawn(EXPORTER, [`--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
  const theirs = typesOf(await fetchWhenUp(`http://127.0.0.1:${port}/metrics`).finally(() => child.kill()));
  const host = new HostCollector();
  const ours = typesOf(await host.collect());
  host.close();
  const lacking = [...theirs.keys()].filter((name) => !ours.has(name) && !DECLINED.test(name));
  const unlike = [...ours].filter(([name, type]) => theirs.has(name) && theirs.get(name) !== type);
  console.log(
    `node_exporter's families: ${[...theirs.keys()].filter((name) => ours.has(name)).length} of ${theirs.size} here`,
  );
  expect({ lacking, unlike }).toEqual({ lacking: [], unlike: [] });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function fetchWhenUp(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
