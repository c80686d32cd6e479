/**
 * Disks from /proc/diskstats (https://docs.kernel.org/admin-guide/iostats.html): major, minor, name, then counters; sectors are
 * of 512 bytes, times in ms. Partitions and memory disks are left out as node_exporter does. What a disk is comes from udev's
 * data base, or from /sys where udev does not run.
 */
import type { Collector, CollectorContext } from '../collector.ts';
import { type Exposition, type FamilyType, labelText } from '../exposition.ts';

const EXCLUDED = /^(?:(?:z?ram|loop|fd|(?:h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+)$/;
const SECTOR_BYTES = 512;

/** Metric after node_disk_, type, factor, help; in the order of the fields. */
const FIELDS: readonly (readonly [string, FamilyType, number, string])[] = [
  ['reads_completed_total', 'counter', 1, 'Reads that have ended.'],
  ['reads_merged_total', 'counter', 1, 'Reads joined with a neighbour before they were issued.'],
  ['read_bytes_total', 'counter', SECTOR_BYTES, 'Bytes read.'],
  ['read_time_seconds_total', 'counter', 0.001, 'Time that all reads took together.'],
  ['writes_completed_total', 'counter', 1, 'Writes that have ended.'],
  ['writes_merged_total', 'counter', 1, 'Writes joined with a neighbour before they were issued.'],
  ['written_bytes_total', 'counter', SECTOR_BYTES, 'Bytes written.'],
  ['write_time_seconds_total', 'counter', 0.001, 'Time that all writes took together.'],
  ['io_now', 'gauge', 1, 'Requests under way.'],
  ['io_time_seconds_total', 'counter', 0.001, 'Time in which at least one request was under way.'],
  ['io_time_weighted_seconds_total', 'counter', 0.001, 'Time of all requests, waiting included.'],
  ['discards_completed_total', 'counter', 1, 'Discards that have ended.'],
  ['discards_merged_total', 'counter', 1, 'Discards joined with a neighbour before they were issued.'],
  ['discarded_sectors_total', 'counter', 1, 'Sectors discarded.'],
  ['discard_time_seconds_total', 'counter', 0.001, 'Time that all discards took together.'],
  ['flush_requests_total', 'counter', 1, 'Flushes that have ended.'],
  ['flush_requests_time_seconds_total', 'counter', 0.001, 'Time that all flushes took together.'],
];

/** Remembers the info labels of disks: they do not change while a disk keeps its number. */
export class DiskstatsCollector implements Collector {
  readonly name = 'diskstats';
  #info = new Map<string, string>();

  collect(out: Exposition, context: CollectorContext): void {
    const seen = new Map<string, string>();
    for (const line of context.files.need(`${context.procRoot}/diskstats`).split('\n')) {
      const [major, minor, device, ...counters] = line.trim().split(/\s+/);
      if (major === undefined || minor === undefined || device === undefined || EXCLUDED.test(device))
        continue;
      const key = `${major}:${minor} ${device}`;
      const info = this.#info.get(key) ?? infoLabels(context, major, minor, device);
      seen.set(key, info);
      const help = 'What the disk is; always 1.';
      out.gauge('node_disk_info', help, 1, info);
      const labels = labelText([['device', device]]);
      FIELDS.forEach(([field, type, factor, text], i) => {
        if (counters[i] === undefined) return;
        const value = factor === 0.001 ? Number(counters[i]) / 1000 : Number(counters[i]) * factor;
        out.family(`node_disk_${field}`, type, text).add(value, labels);
      });
    }
    this.#info = seen;
  }
}

function infoLabels(context: CollectorContext, major: string, minor: string, device: string): string {
  const { files, sysRoot, rootfs } = context;
  const block = `${sysRoot}/block/${device}`;
  const udev = properties(files.read(`${rootfs === '/' ? '' : rootfs}/run/udev/data/b${major}:${minor}`));
  const known = udev.size > 0;
  return labelText([
    ['device', device],
    ['major', major],
    ['minor', minor],
    ['model', known ? (udev.get('ID_MODEL') ?? '') : files.word(`${block}/device/model`)],
    ['path', udev.get('ID_PATH') ?? ''],
    ['revision', known ? (udev.get('ID_REVISION') ?? '') : files.word(`${block}/device/rev`)],
    ['rotational', files.word(`${block}/queue/rotational`)],
    [
      'serial',
      known
        ? (udev.get('ID_SERIAL_SHORT') ?? udev.get('ID_SERIAL') ?? '')
        : files.word(`${block}/device/serial`),
    ],
    ['wwn', known ? (udev.get('ID_WWN') ?? '') : files.word(`${block}/device/wwid`)],
  ]);
}

/** udev's "E:KEY=value" lines. */
function properties(text: string | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text?.split('\n') ?? []) {
    const match = /^E:([^=]+)=(.*)$/.exec(line);
    if (match !== null) found.set(match[1]!, match[2]!);
  }
  return found;
}
