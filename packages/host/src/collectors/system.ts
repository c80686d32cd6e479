/** What the machine is and how it keeps time: names, release, clock, entropy, open files, hung tasks, SELinux. */
import os from 'node:os';
import type { Collector } from '../collector.ts';
import { labelText } from '../exposition.ts';

export const unameCollector: Collector = {
  name: 'uname',
  collect(out, { files, procRoot }) {
    const kernel = `${procRoot}/sys/kernel`;
    const labels = labelText([
      ['domainname', files.word(`${kernel}/domainname`)],
      ['machine', os.machine()],
      ['nodename', files.word(`${kernel}/hostname`) || os.hostname()],
      ['release', files.word(`${kernel}/osrelease`) || os.release()],
      ['sysname', files.word(`${kernel}/ostype`) || os.type()],
      ['version', files.word(`${kernel}/version`) || os.version()],
    ]);
    out.gauge('node_uname_info', 'Names and release of the kernel; always 1.', 1, labels);
  },
};

const OS_KEYS =
  `BUILD_ID ID ID_LIKE IMAGE_ID IMAGE_VERSION NAME PRETTY_NAME VARIANT VARIANT_ID VERSION VERSION_CODENAME
  VERSION_ID`.split(/\s+/);

/** os-release(5). */
export const osCollector: Collector = {
  name: 'os',
  collect(out, { files, rootfs }) {
    const root = rootfs === '/' ? '' : rootfs;
    const text = files.read(`${root}/etc/os-release`) ?? files.read(`${root}/usr/lib/os-release`);
    if (text === undefined) return;
    const said = new Map<string, string>();
    for (const line of text.split('\n')) {
      const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim());
      if (match !== null)
        said.set(match[1]!, (match[2] ?? match[3] ?? match[4] ?? '').replace(/\\(.)/g, '$1'));
    }
    const value = (key: string): string => said.get(key) ?? '';
    const info = labelText(OS_KEYS.map((key) => [key.toLowerCase(), value(key)] as const));
    out.gauge('node_os_info', 'The operating system; always 1.', 1, info);
    const version = Number.parseFloat(value('VERSION_ID'));
    if (Number.isNaN(version)) return;
    const labels = labelText([
      ['id', value('ID')],
      ['id_like', value('ID_LIKE')],
      ['name', value('NAME')],
    ]);
    out.gauge('node_os_version', 'Major and minor version of the operating system.', version, labels);
  },
};

/**
 * The zone's short name, as `UTC` or `CEST`. Asked for once for each offset: the engine loads 6 MB of locale data to name it, which a
 * server that does not watch its machine never needs.
 */
const zoneNames = new Map<number, string>();

function zoneName(date: Date, offsetS: number): string {
  const known = zoneNames.get(offsetS);
  if (known !== undefined) return known;
  const parts = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(date);
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
  zoneNames.set(offsetS, name);
  return name;
}

export const timeCollector: Collector = {
  name: 'time',
  collect(out, { files, sysRoot, now }) {
    const timeMs = now();
    out.gauge('node_time_seconds', 'Unix time of the machine.', timeMs / 1000);
    const date = new Date(timeMs);
    const offset = -date.getTimezoneOffset() * 60;
    const zoneLabel = labelText([['time_zone', zoneName(date, offset)]]);
    out.gauge(
      'node_time_zone_offset_seconds',
      'Seconds the time zone is ahead of UTC.',
      offset + 0,
      zoneLabel,
    );
    const folder = `${sysRoot}/devices/system/clocksource`;
    for (const entry of files.list(folder)) {
      const device = /^clocksource(\d+)$/.exec(entry)?.[1];
      if (device === undefined) continue;
      for (const source of files.word(`${folder}/${entry}/available_clocksource`).split(/\s+/)) {
        const labels = labelText([
          ['clocksource', source],
          ['device', device],
        ]);
        if (source !== '')
          out.gauge(
            'node_time_clocksource_available_info',
            'A clock source that could be used; always 1.',
            1,
            labels,
          );
      }
      const current = files.word(`${folder}/${entry}/current_clocksource`);
      const labels = labelText([
        ['clocksource', current],
        ['device', device],
      ]);
      if (current !== '')
        out.gauge('node_time_clocksource_current_info', 'The clock source in use; always 1.', 1, labels);
    }
  },
};

export const entropyCollector: Collector = {
  name: 'entropy',
  collect(out, { files, procRoot }) {
    const folder = `${procRoot}/sys/kernel/random`;
    const available = files.number(`${folder}/entropy_avail`);
    out.gauge('node_entropy_available_bits', 'Bits of entropy at hand.', available);
    out.gauge(
      'node_entropy_pool_size_bits',
      'Bits the entropy pool holds.',
      files.number(`${folder}/poolsize`),
    );
  },
};

export const filefdCollector: Collector = {
  name: 'filefd',
  collect(out, { files, procRoot }) {
    const [allocated, , maximum] = files.need(`${procRoot}/sys/fs/file-nr`).trim().split(/\s+/);
    out.gauge('node_filefd_allocated', 'File handles in use.', Number(allocated));
    out.gauge('node_filefd_maximum', 'File handles that can be in use.', Number(maximum));
  },
};

export const hungTasksCollector: Collector = {
  name: 'kernel_hung',
  collect(out, { files, procRoot }) {
    const count = files.number(`${procRoot}/sys/kernel/hung_task_detect_count`);
    out.counter('node_kernel_hung_tasks_total', 'Tasks the kernel has found hung.', count);
  },
};

export const selinuxCollector: Collector = {
  name: 'selinux',
  collect(out, { files, sysRoot }) {
    const enforcing = files.number(`${sysRoot}/fs/selinux/enforce`);
    const enabled = enforcing === undefined ? 0 : 1;
    out.gauge('node_selinux_enabled', '1 when SELinux is enabled.', enabled);
    out.gauge('node_selinux_current_mode', '1 when SELinux enforces, 0 when it only warns.', enforcing);
  },
};
