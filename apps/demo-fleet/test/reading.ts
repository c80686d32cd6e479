/** Reads a Prometheus text exposition into a map from "name{labels}" to value: enough for what prom-client writes. */
import type { FleetModel, Instance } from '../src/fleet-model.ts';

export type Samples = ReadonlyMap<string, number>;

export function parseText(text: string): Samples {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

export async function textOf(instance: Instance): Promise<string> {
  return (await instance.exposition.render('text/plain')).body;
}

export async function samplesOf(instance: Instance): Promise<Samples> {
  return parseText(await textOf(instance));
}

export async function wholeText(model: FleetModel): Promise<string> {
  return (await Promise.all(model.instances.map(textOf))).join('\n');
}

/** Sum over the instances of a service of all series of `name` whose labels contain each of `parts`. */
export async function sumOf(
  model: FleetModel,
  service: string | undefined,
  name: string,
  parts: readonly string[] = [],
): Promise<number> {
  let sum = 0;
  for (const instance of model.instances) {
    if (service !== undefined && instance.state.service.name !== service) continue;
    for (const [key, value] of await samplesOf(instance))
      if (key.split('{', 1)[0] === name && parts.every((part) => key.includes(part))) sum += value;
  }
  return sum;
}
