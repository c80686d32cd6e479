/** Bundles the server; `bin/watchroom` runs this when a source is newer than the bundle. */
import { buildServer, sourcesRun } from './lib/server-build.ts';

const { faults } = await buildServer();
for (const fault of faults) console.error(sourcesRun(fault));
process.exitCode = faults.length > 0 ? 1 : 0;
