/** pnpm check: everything that needs no browser. */
import { runStaticChecks } from './lib/static-checks.ts';
import { runUnitTests } from './lib/unit-tests.ts';
import { Verdicts } from './lib/verdicts.ts';

const verdicts = new Verdicts();
await runStaticChecks(verdicts);
await runUnitTests(verdicts);
process.exitCode = verdicts.close();
