/** Builds the web app: `node tools/bootstrap.mjs build`. */
import { buildWeb } from './lib/web-build.ts';

const { built, faults } = await buildWeb();
for (const fault of faults) console.error(fault);
console.log(built ? 'web app built' : faults.length > 0 ? 'web app not built' : 'web app is up to date');
process.exitCode = faults.length > 0 ? 1 : 0;
