import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const nodeProjects = ['packages', 'apps'].flatMap((parent) =>
  readdirSync(new URL(`./${parent}`, import.meta.url))
    .filter((name) => name !== 'web')
    .map((name) => ({
      test: {
        name,
        root: `${parent}/${name}`,
        include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
        environment: 'node',
        testTimeout: 20_000,
      },
    })),
);

export default defineConfig({
  test: {
    projects: [
      ...nodeProjects,
      {
        test: {
          name: 'web',
          root: 'apps/web',
          include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
          environment: 'jsdom',
          testTimeout: 20_000,
        },
      },
    ],
  },
});
