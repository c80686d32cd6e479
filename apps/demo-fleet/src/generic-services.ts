/** Plain services for walls of any size: one instance each, their own visitors, no calls. Names are made of two lists. */
import type { ServiceSpec } from './topology.ts';

const MIB = 1024 * 1024;

const DOMAINS = [
  'ads',
  'audit',
  'billing',
  'blob',
  'campaign',
  'coupon',
  'currency',
  'feed',
  'fraud',
  'geo',
  'image',
  'invoice',
  'loyalty',
  'mail',
  'metering',
  'partner',
  'pricing',
  'profile',
  'promo',
  'ranking',
  'returns',
  'review',
  'session',
  'stock',
  'support',
  'tax',
  'ticket',
  'token',
  'tracking',
  'translation',
  'upload',
  'voucher',
  'warehouse',
  'webhook',
];
const KINDS = ['api', 'worker', 'index', 'gateway', 'cache', 'store'];
const CLUSTERS = ['edge', 'shop', 'fulfilment'];

export function genericServices(count: number): ServiceSpec[] {
  return Array.from({ length: count }, (_, i) => genericService(i));
}

function genericService(i: number): ServiceSpec {
  const domain = DOMAINS[i % DOMAINS.length] as string;
  const kind = KINDS[Math.floor(i / DOMAINS.length) % KINDS.length] as string;
  return {
    name: `${domain}-${kind}`,
    cluster: CLUSTERS[i % CLUSTERS.length] as string,
    instances: 1,
    memoryLimitBytes: 512 * MIB,
    heapBaseBytes: (60 + ((i * 17) % 90)) * MIB,
    connectionLimit: 100,
    routes: [
      {
        method: 'GET',
        path: '/v1/items',
        okCode: '200',
        workS: 0.01 + ((i * 7) % 30) / 1000,
        spread: 0.4,
        cpuS: 0.004,
        visits: { perSecond: 3 + ((i * 5) % 8), audience: 'browse' },
      },
      {
        method: 'POST',
        path: '/v1/items',
        okCode: '201',
        workS: 0.02 + ((i * 11) % 40) / 1000,
        spread: 0.35,
        cpuS: 0.006,
        visits: { perSecond: 1, audience: 'browse' },
      },
    ],
  };
}
