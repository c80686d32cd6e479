/** pnpm test:e2e [FILE…]: builds the web app and runs the end-to-end tests. */
import { ensureChromium } from './lib/chromium.ts';
import { runEndToEnd } from './lib/end-to-end.ts';
import { buildServer } from './lib/server-build.ts';
import { Verdicts } from './lib/verdicts.ts';
import { buildWeb } from './lib/web-build.ts';

const verdicts = new Verdicts();
verdicts.check('web build', (await buildWeb()).faults);
verdicts.check('server build', (await buildServer()).faults);
const chromium = await ensureChromium();
verdicts.check('chromium', chromium.faults);
await runEndToEnd(verdicts, chromium.path, process.argv.slice(2));
process.exitCode = verdicts.close();
