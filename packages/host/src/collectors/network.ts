/** Network interfaces: traffic from /proc/net/dev (proc_pid_net(5)), state from /sys/class/net (sysfs-class-net). */
import type { Collector, CollectorContext } from '../collector.ts';
import { type Exposition, type FamilyType, labelText } from '../exposition.ts';

const RECEIVE = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast'];
const TRANSMIT = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed'];
const COLUMNS = [
  ...RECEIVE.map((field) => [`node_network_receive_${field}_total`, `Received: ${field}.`] as const),
  ...TRANSMIT.map((field) => [`node_network_transmit_${field}_total`, `Sent: ${field}.`] as const),
];

export const netdevCollector: Collector = {
  name: 'netdev',
  collect(out, { files, procRoot, sysRoot }) {
    for (const line of files.need(`${procRoot}/net/dev`).split('\n').slice(2)) {
      const colon = line.lastIndexOf(':');
      if (colon < 0) continue;
      const device = line.slice(0, colon).trim();
      const labels = labelText([['device', device]]);
      const counters = line
        .slice(colon + 1)
        .trim()
        .split(/\s+/);
      COLUMNS.forEach(([name, help], i) => {
        if (counters[i] !== undefined) out.counter(name, help, Number(counters[i]), labels);
      });
      out.counter(
        'node_network_receive_nohandler_total',
        'Received packets that nobody took.',
        files.number(`${sysRoot}/class/net/${device}/statistics/rx_nohandler`),
        labels,
      );
    }
  },
};

/** File in /sys/class/net/<device>, metric after node_network_, type, help. */
const ATTRIBUTES: readonly (readonly [string, string, FamilyType, string])[] = [
  ['addr_assign_type', 'address_assign_type', 'gauge', 'How the hardware address was assigned.'],
  ['carrier', 'carrier', 'gauge', '1 when the link has a carrier.'],
  ['carrier_changes', 'carrier_changes_total', 'counter', 'Times the carrier came or went.'],
  ['carrier_down_count', 'carrier_down_changes_total', 'counter', 'Times the carrier went.'],
  ['carrier_up_count', 'carrier_up_changes_total', 'counter', 'Times the carrier came.'],
  ['dev_id', 'device_id', 'gauge', 'Number that tells apart interfaces with one address.'],
  ['dormant', 'dormant', 'gauge', '1 when the link waits for something outside, such as authentication.'],
  ['flags', 'flags', 'gauge', 'Flags of the interface.'],
  ['ifindex', 'iface_id', 'gauge', 'Number of the interface.'],
  ['iflink', 'iface_link', 'gauge', 'Number of the interface below.'],
  ['link_mode', 'iface_link_mode', 'gauge', 'Link mode of the interface.'],
  ['mtu', 'mtu_bytes', 'gauge', 'Largest packet of the interface.'],
  ['name_assign_type', 'name_assign_type', 'gauge', 'How the name was assigned.'],
  ['netdev_group', 'net_dev_group', 'gauge', 'Group of the interface.'],
  ['type', 'protocol_type', 'gauge', 'Kind of the interface (ARPHRD number).'],
  ['tx_queue_len', 'transmit_queue_length', 'gauge', 'Packets the send queue holds.'],
];
const BITS_PER_MEGABIT = 1_000_000;

export const netclassCollector: Collector = {
  name: 'netclass',
  collect(out, context) {
    const folder = `${context.sysRoot}/class/net`;
    for (const device of context.files.list(folder)) {
      const at = `${folder}/${device}`;
      if (context.files.number(`${at}/ifindex`) !== undefined) describe(out, context, device, at);
    }
  },
};

function describe(out: Exposition, { files }: CollectorContext, device: string, at: string): void {
  const labels = labelText([['device', device]]);
  for (const [file, metric, type, help] of ATTRIBUTES) {
    const value = files.number(`${at}/${file}`);
    if (value !== undefined) out.family(`node_network_${metric}`, type, help).add(value, labels);
  }
  const speed = files.number(`${at}/speed`);
  if (speed !== undefined)
    out.gauge(
      'node_network_speed_bytes',
      'Bytes a second that the link can carry.',
      (speed * BITS_PER_MEGABIT) / 8,
      labels,
    );
  const state = files.word(`${at}/operstate`);
  const isUp = state === 'up' ? 1 : 0;
  out.gauge('node_network_up', '1 when the interface is up.', isUp, labels);
  const flags = files.number(`${at}/flags`) ?? 0;
  const info = labelText([
    ['address', files.word(`${at}/address`)],
    ['adminstate', (flags & 1) === 1 ? 'up' : 'down'],
    ['broadcast', files.word(`${at}/broadcast`)],
    ['device', device],
    ['duplex', files.word(`${at}/duplex`)],
    ['ifalias', files.word(`${at}/ifalias`)],
    ['operstate', state],
  ]);
  out.gauge('node_network_info', 'What the interface is; always 1.', 1, info);
}
