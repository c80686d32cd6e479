import { expect, it } from 'vitest';
import { nextTurn } from '../src/eval/turns.ts';

it('lets one query go on in each round of the event loop, hurried ones first', async () => {
  const order: string[] = [];
  const query = async (name: string, inAHurry: boolean, slices: number) => {
    for (let i = 0; i < slices; i++) {
      await nextTurn(inAHurry);
      order.push(name);
    }
  };
  let rounds = 0;
  let going = true;
  const count = (): void => {
    rounds++;
    if (going) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all([query('a', false, 3), query('b', false, 3), query('rule', true, 5)]);
  going = false;
  expect(order.slice(0, 4)).toEqual(['rule', 'rule', 'rule', 'a']);
  expect(order.filter((name) => name === 'rule')).toHaveLength(5);
  expect(order.slice(-2).sort()).toEqual(['a', 'b']);
  expect(rounds).toBeGreaterThanOrEqual(order.length - 1);
});
