/**
 * node --expose-gc bench/fuzz.ts SEED COUNT EVERY < texts.json
 * Evaluates COUNT mutated queries and prints a line of JSON each EVERY queries: what became of them, and the memory after a
 * collection. `texts.json`: a list of further queries to start from. e2e/acceptance/fuzz-promql.ts watches over it.
 */
import { QueryFuzz } from '../test/query-fuzz.ts';

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const [seed, count, every] = process.argv.slice(2).map(Number) as [number, number, number];
const texts = JSON.parse((await readInput()) || '[]') as string[];
const fuzz = new QueryFuzz(seed, texts);
for (let done = 0; done < count; done += every) {
  await fuzz.run(Math.min(every, count - done));
  globalThis.gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const { broken, ...tally } = fuzz.tally;
  console.log(
    JSON.stringify({ ...tally, broken: broken.slice(0, 10), heapUsed: heapUsed + arrayBuffers, rss }),
  );
}
