import { Labels } from '@watchroom/model';
import { MemoryStore } from '@watchroom/testkit';
import { describe, expect, test } from 'vitest';
import { Engine, type ExplainNode } from '../src/index.ts';

function store(): MemoryStore {
  const memory = new MemoryStore();
  for (const [job, instance] of [
    ['a', '1'],
    ['a', '2'],
    ['b', '3'],
  ] as const) {
    const labels = Labels.fromObject({ __name__: 'hits_total', job, instance });
    memory.add(
      labels,
      Array.from({ length: 41 }, (_, n) => [n * 15_000, n] as const),
    );
  }
  return memory;
}

async function explained(query: string): Promise<ExplainNode> {
  const range = { startMs: 300_000, endMs: 600_000, stepMs: 60_000 };
  const { explain } = await new Engine().range({ query, ...range, querier: store(), explain: true });
  return explain!;
}

/** `name series/samples`, indented by depth. */
function outline(node: ExplainNode, depth = 0): string[] {
  const own = `${' '.repeat(depth)}${node.name || node.type} ${node.series}/${node.samples}`;
  return [own, ...node.children.flatMap((child) => outline(child, depth + 1))];
}

describe('explaining a query', () => {
  test('each node has the series that it gives and the samples below it', async () => {
    expect(outline(await explained('sum by (job) (rate(hits_total[1m])) / 2'))).toEqual([
      '/ 2/72',
      ' sum 2/72',
      '  rate 3/72',
      '   hits_total 3/72',
    ]);
  });

  test('selectors under aggregations, subqueries and both sides of an operator are seen', async () => {
    const tree = await explained('count(hits_total) + on() (max_over_time(sum(hits_total)[2m:1m]))');
    expect(outline(tree).map((line) => line.replace(/\/.*/, ''))).toEqual([
      '+ 1',
      ' count 1',
      '  hits_total 3',
      ' max_over_time 1',
      '  subquery 1',
      '   sum 1',
      '    hits_total 3',
    ]);
  });

  test('own times add up to the whole, and spans point into the query', async () => {
    const query = '  sum(rate(hits_total[2m]))';
    const tree = await explained(query);
    const all = (node: ExplainNode): ExplainNode[] => [node, ...node.children.flatMap(all)];
    const own = all(tree).reduce((sum, { ownMs }) => sum + ownMs, 0);
    expect(own).toBeCloseTo(tree.totalMs, 6);
    const rate = tree.children[0]!;
    expect(query.slice(rate.span.start, rate.span.end)).toBe('rate(hits_total[2m])');
  });

  test('gives the same answer as without it, and nothing when it is not asked for', async () => {
    const engine = new Engine();
    const request = { query: 'sum by (job) (rate(hits_total[1m]))', timeMs: 600_000, querier: store() };
    const plain = await engine.instant(request);
    const explain = await engine.instant({ ...request, explain: true });
    expect(explain.value).toEqual(plain.value);
    expect(plain).not.toHaveProperty('explain');
    expect(explain.explain?.expr).toBe('sum by (job) (rate(hits_total[1m]))');
  });
});
