/**
 * The shop: twelve services in three clusters. A sale's way through it is
 * web → gateway → cart → order → inventory, payment → user; browsing takes web → gateway → catalog, search, recommend.
 */
import type { CallSpec, RouteSpec, ServiceSpec } from './topology.ts';

const MIB = 1024 * 1024;

function call(service: string, route: string, weight: number, timeoutS: number): CallSpec {
  return { service, route, weight, timeoutS };
}

function get(path: string, workS: number, rest: Partial<RouteSpec> = {}): RouteSpec {
  return { method: 'GET', path, okCode: '200', workS, spread: 0.4, cpuS: 0.003, ...rest };
}

function post(path: string, workS: number, rest: Partial<RouteSpec> = {}): RouteSpec {
  return { method: 'POST', path, okCode: '201', workS, spread: 0.35, cpuS: 0.004, ...rest };
}

function service(
  name: string,
  cluster: string,
  instances: number,
  routes: readonly RouteSpec[],
  rest: Partial<ServiceSpec> = {},
): ServiceSpec {
  return {
    name,
    cluster,
    instances,
    memoryLimitBytes: 512 * MIB,
    heapBaseBytes: 90 * MIB,
    connectionLimit: 400,
    routes,
    ...rest,
  };
}

const EDGE: readonly ServiceSpec[] = [
  service('web', 'edge', 3, [
    get('/', 0.02, {
      visits: { perSecond: 22, audience: 'browse' },
      calls: [call('gateway', 'GET /api/products', 1, 5)],
    }),
    get('/product/:id', 0.015, {
      visits: { perSecond: 13, audience: 'browse' },
      calls: [call('gateway', 'GET /api/products/:id', 1, 5)],
    }),
    post('/checkout', 0.02, {
      okCode: '200',
      visits: { perSecond: 5, audience: 'buy' },
      calls: [call('gateway', 'POST /api/orders', 1, 8)],
    }),
  ]),
  service(
    'gateway',
    'edge',
    3,
    [
      get('/api/products', 0.004, {
        visits: { perSecond: 10, audience: 'browse' },
        calls: [
          call('catalog', 'GET /products', 1, 2),
          call('search', 'GET /search', 0.4, 2),
          { ...call('recommend', 'GET /recommendations', 0.3, 0.5), detached: true },
        ],
      }),
      get('/api/products/:id', 0.004, {
        calls: [call('catalog', 'GET /products/:id', 1, 2), call('inventory', 'GET /stock/:sku', 0.5, 1)],
      }),
      get('/api/cart', 0.004, {
        visits: { perSecond: 10, audience: 'browse' },
        calls: [call('user', 'GET /users/:id', 1, 1), call('cart', 'GET /carts/:id', 1, 2)],
      }),
      post('/api/orders', 0.005, {
        visits: { perSecond: 3, audience: 'buy' },
        calls: [call('cart', 'POST /carts/:id/checkout', 1, 6)],
      }),
      post('/api/sessions', 0.004, {
        visits: { perSecond: 2, audience: 'browse' },
        calls: [call('user', 'POST /sessions', 1, 2)],
      }),
    ],
    { limiter: true },
  ),
];

const SHOP: readonly ServiceSpec[] = [
  service('catalog', 'shop', 3, [get('/products', 0.022), get('/products/:id', 0.012, { pooled: true })], {
    poolMax: 32,
  }),
  service('search', 'shop', 2, [
    get('/search', 0.035, { cpuS: 0.006, calls: [call('catalog', 'GET /products/:id', 0.2, 1)] }),
  ]),
  service('recommend', 'shop', 2, [
    get('/recommendations', 0.03, { cpuS: 0.006, calls: [call('catalog', 'GET /products/:id', 0.3, 1)] }),
  ]),
  service(
    'cart',
    'shop',
    3,
    [
      get('/carts/:id', 0.01, { pooled: true, calls: [call('catalog', 'GET /products/:id', 0.5, 1)] }),
      post('/carts/:id/checkout', 0.015, { okCode: '200', calls: [call('order', 'POST /orders', 1, 5)] }),
    ],
    { poolMax: 32 },
  ),
  service(
    'order',
    'shop',
    4,
    [
      post('/orders', 0.03, {
        pooled: true,
        cpuS: 0.012,
        calls: [
          call('inventory', 'POST /reservations', 1, 2),
          call('payment', 'POST /payments', 1, 4),
          { ...call('shipping', 'POST /shipments', 0.8, 2), detached: true },
          { ...call('notification', 'POST /messages', 1, 2), detached: true },
        ],
      }),
      get('/orders/:id', 0.012, { visits: { perSecond: 6, audience: 'browse' } }),
    ],
    { poolMax: 16, memoryLimitBytes: 1024 * MIB, heapBaseBytes: 160 * MIB, connectionLimit: 160 },
  ),
  service('inventory', 'shop', 3, [post('/reservations', 0.012), get('/stock/:sku', 0.006)]),
  service(
    'user',
    'shop',
    2,
    [get('/users/:id', 0.006, { cpuS: 0.002 }), post('/sessions', 0.025, { cpuS: 0.006, pooled: true })],
    { poolMax: 24 },
  ),
];

const FULFILMENT: readonly ServiceSpec[] = [
  service('payment', 'fulfilment', 3, [
    post('/payments', 0.15, { spread: 0.3, calls: [call('user', 'GET /users/:id', 1, 1)] }),
    post('/refunds', 0.12, { visits: { perSecond: 1, audience: 'browse' } }),
  ]),
  service('shipping', 'fulfilment', 2, [
    post('/shipments', 0.04),
    get('/shipments/:id', 0.015, { visits: { perSecond: 4, audience: 'browse' } }),
  ]),
  service('notification', 'fulfilment', 2, [post('/messages', 0.05, { okCode: '202' })]),
];

export const SHOP_SERVICES: readonly ServiceSpec[] = [...EDGE, ...SHOP, ...FULFILMENT];
