/**
 * Size limits: files 500 lines at most and 300 at the 90th percentile; functions 120 lines at most (a React component
 * 200), 80 at the 99th percentile, 35 at the 90th. Tables, fixtures and generated files apart. Exceptions are listed
 * below with their size; the list only shrinks.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { ROOT, repositoryFiles } from '../lib/files.ts';

const MAX_FILE_LINES = 500;
const P90_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 120;
const MAX_COMPONENT_LINES = 200;
const P99_FUNCTION_LINES = 80;
const P90_FUNCTION_LINES = 35;

const NOT_COUNTED = /(\.gen\.ts$|\/testdata\/|\/fixtures\/|\/i18n\/(en|zh)\.ts$|import-table\.ts$)/;

/** `file` or `file#function` → the lines it may have until it is split. */
const EXCEPTIONS: Readonly<Record<string, number>> = {};

interface Sized {
  readonly name: string;
  readonly lines: number;
  readonly limit: number;
}

/** Files and functions over their limits, as sentences. */
export function checkSizes(): string[] {
  const files = repositoryFiles(/^(packages|apps|e2e|scripts|tools)\/.*\.(ts|tsx|mjs)$/).filter(
    (file) => !NOT_COUNTED.test(file),
  );
  const texts = files.map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
  const fileSizes = texts.map(({ file, text }) => ({
    name: file,
    lines: countLines(text),
    limit: MAX_FILE_LINES,
  }));
  const isTest = /(\.test\.tsx?$|\/test\/|^e2e\/)/;
  const functions = texts
    .filter(({ file }) => !isTest.test(file))
    .flatMap(({ file, text }) => functionSizes(file, text));
  return [
    ...tooLarge(fileSizes),
    ...tooLarge(functions),
    ...percentile('files', fileSizes, 0.9, P90_FILE_LINES),
    ...percentile('functions', functions, 0.9, P90_FUNCTION_LINES),
    ...percentile('functions', functions, 0.99, P99_FUNCTION_LINES),
  ];
}

function tooLarge(sized: readonly Sized[]): string[] {
  return sized
    .filter(({ name, lines, limit }) => lines > (EXCEPTIONS[name] ?? limit))
    .map(({ name, lines, limit }) => `${name}: ${lines} lines, at most ${limit}`);
}

function percentile(what: string, sized: readonly Sized[], share: number, limit: number): string[] {
  const sorted = sized.map(({ lines }) => lines).sort((a, b) => a - b);
  const value = sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return value > limit
    ? [`${what}: the ${share * 100}th percentile is ${value} lines, at most ${limit}`]
    : [];
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const FUNCTION_TYPES = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

function functionSizes(file: string, text: string): Sized[] {
  const { program } = parseSync(file, text);
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
  const found: Sized[] = [];
  visit(program as unknown as Node, '', (node, name) => {
    const lines = lineOf(lineStarts, node.end) - lineOf(lineStarts, node.start) + 1;
    const component = file.endsWith('.tsx') && /^[A-Z]/.test(name);
    found.push({
      name: `${file}#${name}`,
      lines,
      limit: component ? MAX_COMPONENT_LINES : MAX_FUNCTION_LINES,
    });
  });
  return found;
}

function visit(node: Node, name: string, found: (node: Node, name: string) => void): void {
  if (FUNCTION_TYPES.has(node.type)) found(node, nameOf(node) || name || 'anonymous');
  const own = nameOf(node) || (node.type === 'CallExpression' ? '' : name);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) visit(child, own, found);
    }
  }
}

function nameOf(node: Node): string {
  const id = (node['id'] ?? node['key']) as { name?: unknown } | null | undefined;
  return typeof id?.name === 'string' ? id.name : '';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function lineOf(lineStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lineStarts[middle]! <= offset) low = middle;
    else high = middle;
  }
  return low;
}
