/** Processor milliseconds of one tick, calm and in the outage, and of rendering every instance once. */
import { createFleetModel } from '../src/fleet-model.ts';
import { double11 } from '../src/scenario.ts';
import { SHOP_SERVICES } from '../src/shop.ts';

const model = createFleetModel({ services: SHOP_SERVICES, seed: 1 });

async function measure(what: string, times: number, work: () => unknown): Promise<void> {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) await work();
  const { user, system } = process.cpuUsage(before);
  console.log(`${what}: ${((user + system) / 1000 / times).toFixed(2)} ms`);
}

function renderAll(accept: string): Promise<unknown> {
  return Promise.all(model.instances.map(({ exposition }) => exposition.render(accept)));
}

await measure('tick, calm', 300, () => model.tick());
await measure('tick, outage', 100, () => model.tick(double11.conditionsAt(900)));
await measure('render all, text', 100, () => renderAll('text/plain'));
await measure('render all, OpenMetrics', 100, () => renderAll('application/openmetrics-text'));
