/** npm test: static checks, unit and integration tests, end-to-end tests in Chromium; ends with `N passed, N failed`. */
import { ensureChromium } from './lib/chromium.ts';
import { runEndToEnd } from './lib/end-to-end.ts';
import { buildServer } from './lib/server-build.ts';
import { runStaticChecks } from './lib/static-checks.ts';
import { runUnitTests } from './lib/unit-tests.ts';
import { Verdicts } from './lib/verdicts.ts';
import { buildWeb } from './lib/web-build.ts';

const verdicts = new Verdicts();
await runStaticChecks(verdicts);
await runUnitTests(verdicts);
const build = await buildWeb();
verdicts.check('web build', build.faults);
verdicts.check('server build', (await buildServer()).faults);
const chromium = await ensureChromium();
verdicts.check('chromium', chromium.faults);
if (build.faults.length === 0 && chromium.faults.length === 0) await runEndToEnd(verdicts, chromium.path);
process.exitCode = verdicts.close();
