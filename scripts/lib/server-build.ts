/** Bundles the server into apps/server/dist when its sources or dependencies have changed: docs/decisions/0017. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { ROOT } from './files.ts';
import { inputsKey, manifests, sourceFolders } from './inputs-key.ts';

const SERVER = join(ROOT, 'apps', 'server');
const DIST = join(SERVER, 'dist');
const MAIN = join(DIST, 'main.js');
const STAMP = join(DIST, '.inputs');
const COMPILED = join(ROOT, 'node_modules', '.cache', 'compile');
const DAY_MS = 86_400_000;

const SOURCES = [
  ...sourceFolders('packages'),
  ...manifests('packages'),
  'apps/server/src',
  'apps/server/package.json',
  'pnpm-lock.yaml',
  'scripts/lib/server-build.ts',
];

/**
 * The server's program: the bundle, built unless what is there was made of the same files, or the sources where there
 * are `faults`. Servers that run meanwhile are not disturbed: each part's name holds a digest of it, `main.js` is
 * replaced last, and parts of a bundle stay for a day after another has replaced it.
 */
export async function buildServer(): Promise<{ program: string; faults: readonly string[] }> {
  try {
    const started = new Date();
    const key = inputsKey(SOURCES);
    const built = readStamp();
    if (!existsSync(MAIN) || built.key !== key) write(await bundle(), key, built.parts);
    utimesSync(MAIN, started, started); // bin/watchroom goes by the times of files; sources may change meanwhile
    return { program: MAIN, faults: [] };
  } catch (error) {
    return { program: join(SERVER, 'src', 'main.ts'), faults: [(error as Error).message] };
  }
}

/** What to tell where there is a fault. */
export function sourcesRun(fault: string): string {
  return `watchroom: the server runs from its sources, as it cannot be bundled: ${fault}`;
}

async function bundle(): Promise<readonly OutputChunk[]> {
  const build = await rolldown({
    input: join(SERVER, 'src', 'main.ts'),
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      threadPrograms(),
      foldersOfModules(),
      httpAlone(),
      // Parts are named by their text before oneByte: another oneByte, other names.
      { name: 'one-byte', augmentChunkHash: () => oneByte.toString() },
    ],
  });
  const { output } = await build.generate({
    dir: DIST,
    format: 'esm',
    comments: false,
    entryFileNames: (chunk) => (chunk.name === 'main' ? 'main.js' : '[name]-[hash].js'),
    banner: `const ${HERE} = import.meta.dirname;`,
  });
  return output.filter((part) => part.type === 'chunk');
}

/** Files that threads are started with, `new URL('./x.ts', import.meta.url)`, become parts of their own. */
function threadPrograms(): Plugin {
  const reference = /new URL\('(\.\/[\w-]+\.ts)', import\.meta\.url\)/g;
  return {
    name: 'thread-programs',
    transform(code, id) {
      if (!id.startsWith(join(ROOT, 'packages')) || !code.match(reference)) return undefined;
      return code.replace(reference, (_, file: string) => {
        const part = this.emitFile({
          type: 'chunk',
          id: resolve(dirname(id), file),
          name: basename(dirname(id)),
        });
        return `new URL(import.meta.ROLLUP_FILE_URL_${part})`;
      });
    },
  };
}

const HERE = '__watchroom_dist';

/** Packages that read files of their own find them where they are installed, also when the whole checkout moves. */
function foldersOfModules(): Plugin {
  return {
    name: 'folders-of-modules',
    transform(code, id) {
      if (!id.includes('node_modules') || !code.includes('__dirname')) return undefined;
      const folder = relative(DIST, dirname(id)).replaceAll('\\', '/');
      return code.replaceAll(/\b__dirname\b/g, `(${HERE} + ${JSON.stringify(`/${folder}`)})`);
    },
  };
}

const HTTP = '\0http';

/**
 * To import anything of node:http from a module reads everything it exports, which loads fetch and all that belongs to it: 6 MB
 * in each thread, and as many of the runtime's own pages. What is required is not read before it is used.
 */
function httpAlone(): Plugin {
  return {
    name: 'http-alone',
    resolveId: (id, _importer, { kind }) =>
      /^(node:)?http$/.test(id) && kind !== 'require-call' ? HTTP : undefined,
    load: (id) => (id === HTTP ? `module.exports = require('node:http')` : undefined),
  };
}

/** What DIST was built from, and the parts it is of. */
interface Stamp {
  readonly key: string;
  readonly parts: readonly string[];
}

function readStamp(): Stamp {
  const [key = '', ...parts] = existsSync(STAMP) ? readFileSync(STAMP, 'utf8').split('\n') : [];
  return { key, parts };
}

function write(parts: readonly OutputChunk[], key: string, replaced: Stamp['parts']): void {
  mkdirSync(DIST, { recursive: true });
  for (const part of parts) {
    const file = join(DIST, part.fileName);
    if (part.fileName !== 'main.js' && !existsSync(file)) replace(file, oneByte(part.code));
  }
  for (const part of parts) if (part.fileName === 'main.js') replace(MAIN, oneByte(part.code));
  const names = parts.map((part) => part.fileName);
  const now = new Date();
  for (const name of readdirSync(DIST)) {
    const file = join(DIST, name);
    if (name === basename(STAMP) || names.includes(name)) continue;
    if (replaced.includes(name)) utimesSync(file, now, now);
    else if (statSync(file).mtimeMs < now.getTime() - DAY_MS) rmSync(file);
  }
  replace(STAMP, [key, ...names].join('\n'));
  // What the runtime keeps compiled of parts that are gone is never asked for again, and nothing else deletes it.
  rmSync(COMPILED, { recursive: true, force: true });
}

/**
 * The engine keeps a program of which one character is not ASCII at two bytes a character: such characters are written as escapes.
 * A backslash before one that means nothing else, as in a regular expression, goes.
 */
function oneByte(code: string): string {
  return code.replace(/(\\*)([^\0-\x7f])/g, (_, slashes: string, unit: string) => {
    const before = slashes.length % 2 === 1 ? slashes.slice(1) : slashes;
    return `${before}\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function replace(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
