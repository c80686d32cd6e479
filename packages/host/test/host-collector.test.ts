/** The collectors on a small machine in testdata/, whose every number is told apart. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { FilesystemCollector } from '../src/collectors/filesystem.ts';
import { FileReader } from '../src/file-reader.ts';
import { Exposition, HostCollector } from '../src/index.ts';
import { linesOf, seriesOf } from './series.ts';

const TESTDATA = join(import.meta.dirname, '../testdata');
const open: HostCollector[] = [];

afterEach(() => {
  for (const host of open.splice(0)) host.close();
});

function machine(folder = TESTDATA, log?: (message: string) => void): HostCollector {
  const host = new HostCollector({
    procRoot: join(folder, 'proc'),
    sysRoot: join(folder, 'sys'),
    rootfs: join(folder, 'rootfs'),
    now: () => 1_790_000_123_456,
    log,
  });
  open.push(host);
  return host;
}

const SIZES = { bsize: 4096, blocks: 100, bfree: 50, bavail: 40, files: 30, ffree: 20 };

describe('a machine in testdata', () => {
  test.each([
    ['node_cpu_seconds_total{cpu="0",mode="user"}', 1],
    ['node_cpu_seconds_total{cpu="1",mode="steal"}', 0.02],
    ['node_cpu_guest_seconds_total{cpu="0",mode="nice"}', 0.04],
    ['node_intr_total', 12_345],
    ['node_context_switches_total', 67_890],
    ['node_forks_total', 4242],
    ['node_boot_time_seconds', 1_790_000_000],
    ['node_procs_running', 3],
    ['node_procs_blocked', 1],
    ['node_load1', 0.5],
    ['node_load15', 2],
    ['node_memory_MemAvailable_bytes', 1_048_576],
    ['node_memory_Active_anon_bytes', 16_384],
    ['node_memory_HugePages_Total', 7],
    ['node_disk_read_bytes_total{device="sda"}', 102_400],
    ['node_disk_write_time_seconds_total{device="sda"}', 5],
    ['node_disk_io_now{device="sda"}', 6],
    ['node_disk_discarded_sectors_total{device="sda"}', 11],
    ['node_disk_flush_requests_time_seconds_total{device="sda"}', 1.4],
    [
      'node_disk_info{device="sda",major="8",minor="0",model="Disk One",path="",revision="",rotational="1",serial="",wwn=""}',
      1,
    ],
    ['node_network_receive_multicast_total{device="eth0"}', 6],
    ['node_network_transmit_carrier_total{device="eth0"}', 11],
    ['node_network_receive_nohandler_total{device="eth0"}', 3],
    ['node_network_speed_bytes{device="eth0"}', 125_000_000],
    ['node_network_flags{device="eth0"}', 4099],
    ['node_network_up{device="eth0"}', 1],
    [
      'node_network_info{address="02:00:00:00:00:01",adminstate="up",broadcast="ff:ff:ff:ff:ff:ff",device="eth0",duplex="full",ifalias="up\\"link",operstate="up"}',
      1,
    ],
    ['node_netstat_TcpExt_ListenDrops', 3],
    ['node_netstat_Tcp_RetransSegs', 77],
    ['node_netstat_Ip_Forwarding', 1],
    ['node_netstat_Ip6_InOctets', 9],
    ['node_sockstat_sockets_used', 9],
    ['node_sockstat_TCP_alloc', 5],
    ['node_softnet_processed_total{cpu="0"}', 255],
    ['node_softnet_backlog_len{cpu="0"}', 5],
    ['node_udp_queues{ip="v4",queue="rx"}', 32],
    ['node_arp_entries{device="eth0"}', 2],
    ['node_nf_conntrack_entries_limit', 100],
    ['node_nf_conntrack_stat_found', 16],
    ['node_pressure_io_waiting_seconds_total', 2.5],
    ['node_pressure_memory_stalled_seconds_total', 0.5],
    ['node_vmstat_oom_kill', 14],
    ['node_entropy_available_bits', 256],
    ['node_filefd_maximum', 9000],
    ['node_thermal_zone_temp{type="x86_pkg_temp",zone="0"}', 42.5],
    ['node_cpu_scaling_frequency_hertz{cpu="0"}', 2_400_000_000],
    ['node_time_seconds', 1_790_000_123.456],
    ['node_time_clocksource_current_info{clocksource="tsc",device="0"}', 1],
    ['node_os_version{id="debian",id_like="",name="Debian GNU/Linux"}', 12],
    ['node_scrape_collector_success{collector="meminfo"}', 1],
  ])('%s is %d', async (series, value) => {
    expect(seriesOf(await machine().collect()).get(series)).toBe(value);
  });

  test('leaves out partitions, loops, and fields nobody asks for', async () => {
    const names = [...seriesOf(await machine().collect()).keys()].join('\n');
    expect(names).not.toMatch(/node_disk_.*(?:sda1|loop0)|nr_free_pages|Pruned|RtoAlgorithm|InDelivers/);
  });

  test('each family has one HELP and one TYPE, and its lines stand together', async () => {
    const text = await machine().collect();
    const families = linesOf(text).filter((line) => line.startsWith('# TYPE '));
    expect(new Set(families).size).toBe(families.length);
    let family = '';
    for (const line of linesOf(text)) {
      if (line.startsWith('# TYPE ')) family = line.split(' ')[2]!;
      else if (!line.startsWith('#')) expect(line.split(/[{ ]/, 1)[0]).toBe(family);
    }
  });

  test('a collector that fails says so once and costs the others nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'host-'));
    cpSync(TESTDATA, folder, { recursive: true });
    rmSync(join(folder, 'proc/meminfo'));
    const log: string[] = [];
    const host = machine(folder, (message) => log.push(message));
    await host.collect();
    const series = seriesOf(await host.collect());
    rmSync(folder, { recursive: true });
    expect(series.get('node_scrape_collector_success{collector="meminfo"}')).toBe(0);
    expect(series.get('node_load1')).toBe(0.5);
    expect(log.filter((line) => line.includes('meminfo'))).toHaveLength(1);
  });

  test('idle time that jitters back keeps its highest value', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'host-'));
    cpSync(TESTDATA, folder, { recursive: true });
    const host = machine(folder);
    const idle = async (ticks: number): Promise<number | undefined> => {
      writeFileSync(join(folder, 'proc/stat'), `cpu 0\ncpu0 1 1 1 ${ticks} 0 0 0 0 0 0\n`);
      return seriesOf(await host.collect()).get('node_cpu_seconds_total{cpu="0",mode="idle"}');
    };
    const seen = [await idle(1000), await idle(990), await idle(1010), await idle(5)];
    rmSync(folder, { recursive: true });
    expect(seen).toEqual([10, 10, 10.1, 0.05]);
  });
});

describe('file systems', () => {
  const context = {
    procRoot: join(TESTDATA, 'proc'),
    sysRoot: join(TESTDATA, 'sys'),
    rootfs: '/',
    files: new FileReader(),
    now: () => 0,
  };

  test('sizes, read-only, exclusions, blanks in mount points', async () => {
    const out = new Exposition();
    await new FilesystemCollector(async () => SIZES).collect(out, context);
    const series = seriesOf(out.toString());
    const labels = '{device="/dev/sda2",device_error="",fstype="xfs",mountpoint="/data one"}';
    expect(series.get(`node_filesystem_avail_bytes${labels}`)).toBe(163_840);
    expect(series.get(`node_filesystem_readonly${labels}`)).toBe(1);
    expect([...series.keys()].filter((name) => name.startsWith('node_filesystem_size_bytes'))).toHaveLength(
      3,
    );
  });

  test('a mount that hangs is given up, and not asked again while it hangs', async () => {
    let asked = 0;
    const hang = (path: string) => {
      if (path !== '/srv/nfs') return Promise.resolve(SIZES);
      asked++;
      return new Promise<typeof SIZES>(() => undefined);
    };
    const collector = new FilesystemCollector(hang, 5);
    for (let i = 0; i < 3; i++) {
      const out = new Exposition();
      await collector.collect(out, context);
      const labels =
        '{device="store:/export",device_error="mountpoint timeout",fstype="nfs4",mountpoint="/srv/nfs"}';
      expect(seriesOf(out.toString()).get(`node_filesystem_device_error${labels}`)).toBe(1);
    }
    expect(asked).toBe(1);
  });
});

test('without /proc, what Node tells is given', async () => {
  const host = new HostCollector({ procRoot: '/nowhere', sysRoot: '/nowhere' });
  const series = seriesOf(await host.collect());
  host.close();
  expect(series.get('node_memory_MemTotal_bytes')).toBeGreaterThan(0);
  expect([...series.keys()].some((name) => name.startsWith('node_cpu_seconds_total{cpu="0"'))).toBe(true);
});
