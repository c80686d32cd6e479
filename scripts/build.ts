/** Builds the web app and bundles the server: `node tools/bootstrap.mjs build`. */
import { buildServer } from './lib/server-build.ts';
import { buildWeb } from './lib/web-build.ts';

const web = await buildWeb();
const server = await buildServer();
const faults = [...web.faults, ...server.faults];
for (const fault of faults) console.error(fault);
console.log(faults.length > 0 ? 'not built' : 'web app and server are built');
process.exitCode = faults.length > 0 ? 1 : 0;
