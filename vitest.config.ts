import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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
        // Files of one worker share their modules, which hold no state.
        isolate: false,
        testTimeout: 60_000,
      },
    })),
);

/** Only components need a document; it is slow to make. */
function webProject(name: string, include: string, environment: 'node' | 'jsdom') {
  return { test: { name, root: 'apps/web', include: [include], environment, testTimeout: 60_000 } };
}

export default defineConfig({
  test: {
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      ...nodeProjects,
      webProject('web', 'src/**/*.test.ts', 'node'),
      webProject('web-dom', 'src/**/*.test.tsx', 'jsdom'),
    ],
  },
});
