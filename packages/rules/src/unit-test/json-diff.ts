/**
 * Expected and found alerts as one JSON text with colours: red what is missing, green what is too much, yellow what
 * changed. Layout and colours are those of promtool's `--diff`. Alerts are compared place by place.
 */

import type { ShownAlert } from './report.ts';
import type { Pairs } from './test-file.ts';

const COLOURS = { removed: '\u001b[0;31m', added: '\u001b[0;32m', changed: '\u001b[0;33m' } as const;
const NOTHING: ShownAlert = { labels: [], annotations: [] };

type Colour = keyof typeof COLOURS;

export function alertsDiff(expected: readonly ShownAlert[], found: readonly ShownAlert[]): string {
  const want = expected.length === 0 ? [NOTHING] : expected;
  const got = found.length === 0 ? [NOTHING] : found;
  const items = Array.from({ length: Math.max(want.length, got.length) }, (_, i) => {
    if (!got[i]) return whole(want[i]!, 'removed');
    return want[i] ? compared(want[i], got[i]) : whole(got[i], 'added');
  });
  return bracketed('[', items, ']').join('\n');
}

function compared(want: ShownAlert, got: ShownAlert): string[] {
  return bracketed(
    '{',
    [
      keyed('Annotations', bracketed('{', comparedPairs(want.annotations, got.annotations), '}')),
      keyed('Labels', bracketed('{', comparedPairs(want.labels, got.labels), '}')),
    ],
    '}',
  );
}

function comparedPairs(want: Pairs, got: Pairs): string[][] {
  const [before, after] = [new Map(want), new Map(got)];
  return [...new Map([...before, ...after]).keys()].sort().map((name) => {
    const [a, b] = [before.get(name), after.get(name)];
    if (b === undefined) return [paint(member(name, a!), 'removed')];
    if (a === undefined) return [paint(member(name, b), 'added')];
    if (a === b) return [member(name, a)];
    return [`${json(name)}: ${paint(`${json(a)} => ${json(b)}`, 'changed')}`];
  });
}

/** An alert of one side only: every line in its colour. */
function whole({ labels, annotations }: ShownAlert, colour: Colour): string[] {
  const object = (pairs: Pairs): string[] =>
    bracketed(
      '{',
      pairs.map(([name, value]) => [member(name, value)]),
      '}',
    );
  const lines = bracketed(
    '{',
    [keyed('Annotations', object(annotations)), keyed('Labels', object(labels))],
    '}',
  );
  return lines.map((line) => {
    const text = line.trimStart();
    return line.slice(0, line.length - text.length) + paint(text, colour);
  });
}

function bracketed(open: string, items: readonly (readonly string[])[], close: string): string[] {
  if (items.length === 0) return [open + close];
  const inside = items.flatMap((lines, i) => {
    const last = i === items.length - 1;
    return lines.map((line, n) => `    ${line}${n === lines.length - 1 && !last ? ',' : ''}`);
  });
  return [open, ...inside, close];
}

function keyed(key: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => (i === 0 ? `${json(key)}: ${line}` : line));
}

const json = (text: string): string => JSON.stringify(text);
const member = (name: string, value: string): string => `${json(name)}: ${json(value)}`;
const paint = (text: string, colour: Colour): string => `${COLOURS[colour]}${text}\u001b[0m`;
