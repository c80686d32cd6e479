/**
 * The network stack: counters of /proc/net/{netstat,snmp,snmp6} (the fields that node_exporter gives by default), sockets of
 * /proc/net/sockstat and sockstat6, packet backlogs of softnet_stat, waiting datagrams of udp and udp6, neighbours of arp, and
 * netfilter's table of connections.
 */
import type { Collector, CollectorContext } from '../collector.ts';
import { labelText } from '../exposition.ts';
import { pageBytes } from '../page-size.ts';

const NETSTAT_FIELDS =
  /^(?:.*_(?:InErrors|InErrs)|Ip_Forwarding|Ip(?:6|Ext)_(?:InOctets|OutOctets)|Icmp6?_(?:InMsgs|OutMsgs)|TcpExt_(?:Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|Tcp_(?:ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(?:InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$/;

/** Pairs of lines, names above values: "Tcp: RtoMin ActiveOpens" / "Tcp: 200 17". Field choices are remembered by line. */
export class NetstatCollector implements Collector {
  readonly name = 'netstat';
  readonly #chosen = new Map<string, readonly (readonly [number, string])[]>();

  collect(...[out, { files, procRoot }]: Parameters<Collector['collect']>): void {
    const add = (field: string, digits: string | undefined): void => {
      const help = `Network statistic ${field} of the kernel.`;
      if (digits !== undefined) out.family(`node_netstat_${field}`, 'untyped', help).add(Number(digits));
    };
    for (const file of ['netstat', 'snmp']) {
      const lines = files.need(`${procRoot}/net/${file}`).split('\n');
      for (let i = 0; i + 1 < lines.length; i += 2) {
        const chosen = this.#choose(lines[i]!);
        if (chosen.length === 0) continue;
        const values = lines[i + 1]!.split(' ');
        for (const [column, field] of chosen) add(field, values[column]);
      }
    }
    for (const line of files.read(`${procRoot}/net/snmp6`)?.split('\n') ?? []) {
      const match = /^([A-Za-z]+6)(\S+)\s+(\d+)$/.exec(line);
      if (match === null) continue;
      const field = `${match[1]}_${match[2]}`;
      if (NETSTAT_FIELDS.test(field)) add(field, match[3]);
    }
  }

  #choose(header: string): readonly (readonly [number, string])[] {
    const known = this.#chosen.get(header);
    if (known !== undefined) return known;
    const [protocol = '', ...fields] = header.split(' ');
    const chosen = fields
      .map((field, i) => [i + 1, `${protocol.replace(':', '')}_${field}`] as const)
      .filter(([, field]) => NETSTAT_FIELDS.test(field));
    this.#chosen.set(header, chosen);
    return chosen;
  }
}

export const sockstatCollector: Collector = {
  name: 'sockstat',
  collect(out, { files, procRoot }) {
    for (const file of ['sockstat', 'sockstat6']) {
      const text =
        file === 'sockstat' ? files.need(`${procRoot}/net/${file}`) : files.read(`${procRoot}/net/${file}`);
      for (const line of text?.split('\n') ?? []) {
        const [protocol = '', ...pairs] = line.replace(':', '').split(' ');
        for (let i = 0; i + 1 < pairs.length; i += 2) {
          const name = `node_sockstat_${protocol}_${pairs[i]}`;
          const value = Number(pairs[i + 1]);
          out.gauge(name, `Sockets of ${protocol}: ${pairs[i]}.`, value);
          if (pairs[i] !== 'mem') continue;
          out.gauge(`${name}_bytes`, `Memory of ${protocol} sockets.`, value * pageBytes());
        }
      }
    }
  },
};

/** Column of softnet_stat (hexadecimal), metric after node_softnet_, type, help. */
const SOFTNET = [
  [0, 'processed_total', 'counter', 'Packets processed.'],
  [1, 'dropped_total', 'counter', 'Packets dropped because the queue was full.'],
  [2, 'times_squeezed_total', 'counter', 'Times processing stopped with work left.'],
  [8, 'cpu_collision_total', 'counter', 'Times the device was locked when sending.'],
  [9, 'received_rps_total', 'counter', 'Times another CPU asked to process packets.'],
  [10, 'flow_limit_count_total', 'counter', 'Packets dropped by the flow limit.'],
  [11, 'backlog_len', 'gauge', 'Packets waiting.'],
] as const;
const CPU_COLUMN = 12;

export const softnetCollector: Collector = {
  name: 'softnet',
  collect(out, { files, procRoot }) {
    const lines = files.need(`${procRoot}/net/softnet_stat`).trim().split('\n');
    lines.forEach((line, row) => {
      const columns = line.trim().split(/\s+/);
      const cpu = columns[CPU_COLUMN] === undefined ? row : Number.parseInt(columns[CPU_COLUMN], 16);
      for (const [column, metric, type, help] of SOFTNET) {
        const hex = columns[column];
        if (hex === undefined) continue;
        out.family(`node_softnet_${metric}`, type, help).add(Number.parseInt(hex, 16), `{cpu="${cpu}"}`);
      }
    });
  },
};

export const udpQueuesCollector: Collector = {
  name: 'udp_queues',
  collect(out, { files, procRoot }) {
    for (const [file, ip] of [
      ['udp', 'v4'],
      ['udp6', 'v6'],
    ] as const) {
      const text = files.read(`${procRoot}/net/${file}`);
      if (text === undefined) continue;
      let sent = 0;
      let received = 0;
      for (const match of text.matchAll(/ ([0-9A-F]{8}):([0-9A-F]{8}) \d\d:/g)) {
        sent += Number.parseInt(match[1]!, 16);
        received += Number.parseInt(match[2]!, 16);
      }
      const help = 'Bytes waiting in the queues of all UDP sockets.';
      out.gauge('node_udp_queues', help, sent, `{ip="${ip}",queue="tx"}`);
      out.gauge('node_udp_queues', help, received, `{ip="${ip}",queue="rx"}`);
    }
  },
};

export const arpCollector: Collector = {
  name: 'arp',
  collect(out, { files, procRoot }) {
    const counts = new Map<string, number>();
    for (const line of files.need(`${procRoot}/net/arp`).trim().split('\n').slice(1)) {
      const device = line.trim().split(/\s+/)[5];
      if (device !== undefined) counts.set(device, (counts.get(device) ?? 0) + 1);
    }
    for (const [device, count] of counts)
      out.gauge(
        'node_arp_entries',
        'Neighbours known on the interface.',
        count,
        labelText([['device', device]]),
      );
  },
};

const CONNTRACK_STATS: Readonly<Record<string, string>> = {
  found: 'Lookups that found a connection.',
  invalid: 'Packets that could not be tracked.',
  ignore: 'Packets of connections that are not tracked.',
  insert: 'Connections entered.',
  insert_failed: 'Connections that could not be entered.',
  drop: 'Packets dropped because no connection could be entered.',
  early_drop: 'Connections dropped to make room.',
  search_restart: 'Lookups that began again because the table was resized.',
};

/** Counts over all CPUs; absent when netfilter's connection tracking is not loaded. */
export const conntrackCollector: Collector = {
  name: 'conntrack',
  collect(out, { files, procRoot }: CollectorContext) {
    const folder = `${procRoot}/sys/net/netfilter`;
    const count = files.number(`${folder}/nf_conntrack_count`);
    out.gauge('node_nf_conntrack_entries', 'Connections tracked.', count);
    const max = files.number(`${folder}/nf_conntrack_max`);
    out.gauge('node_nf_conntrack_entries_limit', 'Connections that can be tracked.', max);
    const [header = '', ...rows] = (files.read(`${procRoot}/net/stat/nf_conntrack`) ?? '').trim().split('\n');
    const names = header.trim().split(/\s+/);
    for (const [field, help] of Object.entries(CONNTRACK_STATS)) {
      const column = names.indexOf(field);
      if (column < 0 || rows.length === 0) continue;
      const sum = rows.reduce(
        (total, row) => total + Number.parseInt(row.trim().split(/\s+/)[column] ?? '0', 16),
        0,
      );
      out.gauge(`node_nf_conntrack_stat_${field}`, help, sum);
    }
  },
};
