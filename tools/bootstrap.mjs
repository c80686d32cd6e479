/**
 * Runs a task of this repository on the pinned runtime: node tools/bootstrap.mjs TASK [ARG…].
 * Plain JavaScript for any Node >= 20, since it is what fetches the runtime: `npm ci` in tools/toolchain, then
 * `pnpm install`, then scripts/TASK.ts. When nothing is to be done it adds about 0.2 s.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const TOOLCHAIN = join(ROOT, 'tools', 'toolchain');
const MINIMUM_MAJOR = 20;
/** Serves where no runtime is pinned for the platform. */
const OWN_RUNTIME = [24, 15];
const PARENT_POLL_MS = 500;

function fail(message) {
  process.stderr.write(`watchroom: ${message}\n`);
  process.exit(1);
}

function say(message) {
  process.stderr.write(`watchroom: ${message}\n`);
}

/** The environment without npm's own variables: add-ons would build against another Node's headers. */
function cleanEnvironment() {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')),
  );
  const cache = join(ROOT, 'node_modules', '.cache', 'compile');
  return { ...env, NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE ?? cache };
}

function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(existsSync(file) ? readFileSync(file) : '');
  return hash.digest('hex');
}

function isCurrent(stamp, key) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === key;
}

/** Runs a command to its end; on failure shows what it printed and exits. */
function run(what, command, args, options) {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: cleanEnvironment(),
    ...options,
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  fail(
    `${what} failed (${result.error?.message ?? `exit code ${result.status}`}); the registry must be reachable once`,
  );
}

function pinnedNode() {
  const windows = process.platform === 'win32';
  const name = windows ? `node-win-${process.arch}` : `node-${process.platform}-${process.arch}`;
  const file = join(TOOLCHAIN, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
  return existsSync(file) ? file : undefined;
}

function runtime() {
  const pinned = pinnedNode();
  if (pinned) return pinned;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OWN_RUNTIME[0] || (major === OWN_RUNTIME[0] && minor >= OWN_RUNTIME[1]))
    return process.execPath;
  return fail(
    `no runtime is pinned for ${process.platform}-${process.arch}; install Node ${OWN_RUNTIME.join('.')} or newer`,
  );
}

function installToolchain() {
  const stamp = join(TOOLCHAIN, 'node_modules', '.watchroom');
  const key = digest([join(TOOLCHAIN, 'package-lock.json')]);
  if (isCurrent(stamp, key)) return;
  say('fetching the runtime (once)');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = { cwd: TOOLCHAIN, shell: process.platform === 'win32' };
  run('fetching the runtime', npm, ['ci', '--no-audit', '--no-fund'], options);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, key);
}

function workspaceManifests() {
  const found = [join(ROOT, 'pnpm-lock.yaml'), join(ROOT, 'pnpm-workspace.yaml'), join(ROOT, 'package.json')];
  for (const parent of ['packages', 'apps']) {
    for (const name of readdirSync(join(ROOT, parent)).sort())
      found.push(join(ROOT, parent, name, 'package.json'));
  }
  return [...found, join(ROOT, 'e2e', 'package.json')];
}

function installPackages() {
  const stamp = join(ROOT, 'node_modules', '.watchroom');
  const key = digest(workspaceManifests());
  if (isCurrent(stamp, key)) return;
  say('installing packages (once)');
  const pinned = join(TOOLCHAIN, 'node_modules', '@pnpm', `exe.${process.platform}-${process.arch}`, 'pnpm');
  const [command, args] = existsSync(pinned)
    ? [pinned, []]
    : ['npm', ['exec', '--yes', 'pnpm@12.21.0', '--']];
  const options = { cwd: ROOT, shell: process.platform === 'win32' };
  run('installing packages', command, [...args, 'install', '--frozen-lockfile'], options);
  writeFileSync(stamp, key);
}

/** npm does not pass SIGTERM on: a task whose parent has gone is stopped. */
function runTask(node, task, args) {
  const child = spawn(node, [join(ROOT, 'scripts', `${task}.ts`), ...args], {
    stdio: 'inherit',
    env: cleanEnvironment(),
  });
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM');
  }, PARENT_POLL_MS);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`cannot run ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    clearInterval(watch);
    process.exit(code ?? (signal === 'SIGINT' ? 130 : 1));
  });
}

const [task = 'start', ...args] = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) < MINIMUM_MAJOR) {
  fail(`Node ${MINIMUM_MAJOR} or newer is needed; this is ${process.version}`);
}
installToolchain();
installPackages();
if (task !== 'setup') runTask(runtime(), task, args);
