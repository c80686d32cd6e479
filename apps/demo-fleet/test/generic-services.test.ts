import { expect, it } from 'vitest';
import { genericServices } from '../src/generic-services.ts';
import { SHOP_SERVICES } from '../src/shop.ts';

it('gives two hundred names that differ from each other and from the shop', () => {
  const names = [...genericServices(200), ...SHOP_SERVICES].map(({ name }) => name);
  expect(new Set(names).size).toBe(212);
});
