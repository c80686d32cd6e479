/**
 * File systems: the mounts of /proc/1/mountinfo (proc_pid_mountinfo(5)) less those that node_exporter leaves out by default,
 * each asked by statfs.
 *   36 35 98:0 /root /mount/point rw,noatime shared:1 - ext3 /dev/root rw,errors=continue
 * A mount that does not answer (a lost NFS server) is given up after a while and not asked again until it has answered, so
 * that it holds one thread of the pool at most.
 */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Collector, CollectorContext } from '../collector.ts';
import { type Exposition, labelText } from '../exposition.ts';

const STATFS_TIMEOUT_MS = 1_000;
const EXCLUDED_MOUNT_POINTS =
  /^\/(?:dev|proc|run|sys|mnt|media|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)(?:$|\/)/;
const EXCLUDED_TYPES = new Set(
  `autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs fusectl hugetlbfs iso9660 mqueue nsfs overlay proc
  procfs pstore rpc_pipefs securityfs selinuxfs squashfs erofs sysfs tracefs`.split(/\s+/),
);

interface Mount {
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: string;
  readonly major: string;
  readonly minor: string;
  readonly readonly: boolean;
}

interface Sizes {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

/** Remembers the mounts whose answer is outstanding. */
export class FilesystemCollector implements Collector {
  readonly name = 'filesystem';
  readonly #statfs: (path: string) => Promise<Sizes>;
  readonly #timeoutMs: number;
  readonly #outstanding = new Set<string>();

  constructor(ask: (path: string) => Promise<Sizes> = statfs, timeoutMs = STATFS_TIMEOUT_MS) {
    this.#statfs = ask;
    this.#timeoutMs = timeoutMs;
  }

  async collect(out: Exposition, context: CollectorContext): Promise<void> {
    const mounts = listMounts(context);
    const answers = await Promise.all(
      mounts.map((mount) => this.#ask(mount, join(context.rootfs, mount.mountpoint))),
    );
    const fs = families(out);
    mounts.forEach((mount, i) => {
      const sizes = answers[i]!;
      const { device, fstype, mountpoint, major, minor } = mount;
      const failed = typeof sizes === 'string';
      const labels = labelText([
        ['device', device],
        ['device_error', failed ? sizes : ''],
        ['fstype', fstype],
        ['mountpoint', mountpoint],
      ]);
      fs.deviceError.add(failed ? 1 : 0, labels);
      fs.readonly.add(mount.readonly ? 1 : 0, labels);
      const place = { device, major, minor, mountpoint };
      fs.info.add(1, labelText(Object.entries(place)));
      if (failed) return;
      fs.size.add(sizes.blocks * sizes.bsize, labels);
      fs.free.add(sizes.bfree * sizes.bsize, labels);
      fs.avail.add(sizes.bavail * sizes.bsize, labels);
      fs.files.add(sizes.files, labels);
      fs.filesFree.add(sizes.ffree, labels);
    });
  }

  /** The sizes, or what went wrong. */
  async #ask(mount: Mount, path: string): Promise<Sizes | string> {
    const key = `${mount.device} ${path}`;
    if (this.#outstanding.has(key)) return 'mountpoint timeout';
    this.#outstanding.add(key);
    const answer = this.#statfs(path)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
      .finally(() => this.#outstanding.delete(key));
    let timer: NodeJS.Timeout | undefined;
    const giveUp = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('mountpoint timeout'), this.#timeoutMs);
      timer.unref();
    });
    const first = await Promise.race([answer, giveUp]);
    clearTimeout(timer);
    return first;
  }
}

function listMounts({ files, procRoot }: CollectorContext): Mount[] {
  const text = files.read(`${procRoot}/1/mountinfo`) ?? files.need(`${procRoot}/self/mountinfo`);
  const mounts = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    const parts = line.split(' ');
    const dash = parts.indexOf('-', 6);
    if (dash < 0) continue;
    const [fstype = '', source = '', superOptions = ''] = parts.slice(dash + 1);
    const mountpoint = unescapeOctal(parts[4] ?? '');
    if (EXCLUDED_TYPES.has(fstype) || EXCLUDED_MOUNT_POINTS.test(mountpoint)) continue;
    const device = unescapeOctal(source);
    const [major = '', minor = ''] = (parts[2] ?? '').split(':');
    const options = `${parts[5]},${superOptions}`.split(',');
    const key = `${device} ${mountpoint}`;
    if (mounts.has(key)) continue;
    mounts.set(key, { device, mountpoint, fstype, major, minor, readonly: options.includes('ro') });
  }
  return [...mounts.values()];
}

/** Blanks in mount points are written \040. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_match, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function families(out: Exposition) {
  const gauge = (name: string, help: string) => out.family(`node_filesystem_${name}`, 'gauge', help);
  return {
    avail: gauge('avail_bytes', 'Bytes of the file system that any user can still fill.'),
    deviceError: gauge('device_error', '1 when the file system did not answer.'),
    files: gauge('files', 'Inodes of the file system.'),
    filesFree: gauge('files_free', 'Inodes that are free.'),
    free: gauge('free_bytes', 'Bytes that are free, those kept for root included.'),
    info: gauge('mount_info', 'Where the file system is mounted from; always 1.'),
    readonly: gauge('readonly', '1 when the file system is mounted read-only.'),
    size: gauge('size_bytes', 'Bytes of the file system.'),
  };
}
