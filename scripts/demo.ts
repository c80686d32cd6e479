/** The demo fleet's command line on the pinned runtime: `npm run demo -- incident start --speed 10`. */
import { join } from 'node:path';
import { ROOT } from './lib/files.ts';

await import(join(ROOT, 'apps/demo-fleet/src/main.ts'));
