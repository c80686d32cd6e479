/** Takes the README's pictures on the pinned runtime, in a browser that is there or is installed: `npm run screenshots`. */
import { join } from 'node:path';
import { ensureChromium } from './lib/chromium.ts';
import { ROOT } from './lib/files.ts';

const { path, faults } = await ensureChromium();
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
if (path !== undefined) process.env['CHROMIUM_PATH'] = path;
await import(join(ROOT, 'e2e/screenshots.ts'));
