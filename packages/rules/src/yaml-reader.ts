/**
 * Reads YAML into typed values and keeps the place of each, noting faults instead of throwing.
 * Scalars are read as text (an unquoted `null`, `~` or nothing is the empty text), as Prometheus' YAML library does when
 * it fills a string field. Anchors, aliases and `<<` are resolved.
 */
import { parseDuration } from '@watchroom/model';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLError,
} from 'yaml';
import { nearest } from './nearest.ts';
import { indentQuotedLines } from './quoted-lines.ts';
import type { RuleProblem } from './rule-spec.ts';
import { parseYamlNumber } from './yaml-number.ts';

export type YamlNode = Node | null | undefined;

export interface YamlEntry {
  readonly key: string;
  readonly keyNode: YamlNode;
  readonly value: YamlNode;
}

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);

const BINARY = 'tag:yaml.org,2002:binary';

/** Merges may nest, and then grow like powers. */
const MAX_MERGES = 10_000;

const MAX_INTEGER = 2 ** 63;

export class YamlReader {
  readonly problems: RuleProblem[] = [];
  readonly root: YamlNode;
  readonly #file: string;
  readonly #ignoresUnknown: boolean;
  #lines = new LineCounter();
  readonly #targets = new Map<Node, Node>();
  #merges = 0;

  /** `ignoreUnknownFields`: keys that are not known are passed over. */
  constructor(text: string, file: string, options: { readonly ignoreUnknownFields?: boolean } = {}) {
    this.#file = file;
    this.#ignoresUnknown = options.ignoreUnknownFields ?? false;
    const documents = this.#parse(text);
    const first = documents[0];
    for (const fault of toldFaults(first?.errors ?? []))
      this.#add('error', fault.pos[0], `not valid YAML: ${fault.message}`);
    if (first) this.#findAnchors(first);
    const extra = documents[1];
    if (extra) {
      const at = extra.contents?.range?.[0] ?? extra.range[0];
      this.#add(
        'warning',
        at,
        'only the first YAML document of a rule file is read; put these groups into a file of their own',
      );
    }
    this.root = first?.contents;
  }

  /** Each alias means the last anchor of its name before it, and must not stand inside of what that names. */
  #findAnchors(document: Document.Parsed): void {
    const anchors = new Map<string, Node>();
    visit(document, (_key, node, path) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        const at = node.range?.[0] ?? 0;
        if (!target) this.#add('error', at, `not valid YAML: there is no anchor &${node.source}`);
        else if (path.includes(target))
          this.#add('error', at, `not valid YAML: the anchor &${node.source} contains itself`);
        else this.#targets.set(node, target);
      } else if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    });
  }

  #resolve(node: YamlNode): YamlNode {
    return isAlias(node) ? this.#targets.get(node) : node;
  }

  #parse(text: string): Document.Parsed[] {
    const parse = (source: string, lineCounter: LineCounter): Document.Parsed[] => {
      const parsed = parseAllDocuments(source, {
        lineCounter,
        schema: 'failsafe',
        resolveKnownTags: false,
        prettyErrors: false,
        merge: false,
      });
      return Array.isArray(parsed) ? parsed : [];
    };
    const documents = parse(text, this.#lines);
    if (documents.every(({ errors }) => errors.length === 0)) return documents;
    const lines = new LineCounter();
    const again = parse(indentQuotedLines(text), lines);
    if (again.some(({ errors }) => errors.length > 0)) return documents;
    this.#lines = lines;
    return again;
  }

  get failed(): boolean {
    return this.problems.some((problem) => problem.severity === 'error');
  }

  error(node: YamlNode, message: string): void {
    this.#add('error', node?.range?.[0], message);
  }

  lineOf(node: YamlNode): number {
    return this.#place(node?.range?.[0]).line;
  }

  /** Whether the node says nothing. */
  isNull(node: YamlNode): boolean {
    const real = this.#resolve(node);
    return !real || (isScalar(real) && real.type === 'PLAIN' && NULLS.has(String(real.value ?? '')));
  }

  isMap(node: YamlNode): boolean {
    return isMap(this.#resolve(node));
  }

  /** The entries of a mapping whose keys must be among `known` (undefined: all are known); a later key of a merge loses. */
  entries(node: YamlNode, what: string, known: readonly string[] | undefined): YamlEntry[] {
    const real = this.#resolve(node);
    if (this.isNull(real)) return [];
    if (!isMap(real)) {
      this.error(node, `${what} must be a mapping of keys to values`);
      return [];
    }
    const found = new Map<string, YamlEntry>();
    for (const entry of this.#pairs(real, what)) {
      if (found.has(entry.key)) continue;
      if (!known || known.includes(entry.key)) found.set(entry.key, entry);
      else if (!this.#ignoresUnknown) this.error(entry.keyNode, unknownKey(entry.key, what, known));
    }
    return [...found.values()];
  }

  items(node: YamlNode, what: string): YamlNode[] {
    const real = this.#resolve(node);
    if (this.isNull(real)) return [];
    if (isSeq(real)) return real.items as YamlNode[];
    this.error(node, `${what} must be a list`);
    return [];
  }

  text(node: YamlNode, what: string): string {
    const real = this.#resolve(node);
    if (this.isNull(real)) return '';
    if (isScalar(real)) return real.tag === BINARY ? this.#decoded(real) : String(real.value);
    this.error(node, `${what} must be a text, not a ${isSeq(real) ? 'list' : 'mapping'}`);
    return '';
  }

  #decoded(node: Scalar): string {
    const text = String(node.value).replace(/\s/g, '');
    if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
      this.error(node, `not valid YAML: ${JSON.stringify(text)} is not base64, as !!binary says`);
    return Buffer.from(text, 'base64').toString();
  }

  /** Milliseconds. */
  duration(node: YamlNode, what: string): number | undefined {
    const text = this.text(node, what);
    const durationMs = parseDuration(text);
    if (durationMs === undefined)
      this.error(
        node,
        `${what}: ${JSON.stringify(text)} is not a duration; write for example 30s, 5m or 1h30m`,
      );
    return durationMs;
  }

  /** Nothing is 0; a text in quotes is no number. */
  number(node: YamlNode, what: string): number | undefined {
    if (this.isNull(node)) return 0;
    const real = this.#resolve(node);
    const quoted = isScalar(real) && real.type !== 'PLAIN' && real.tag === undefined;
    const text = this.text(node, what);
    const value = quoted ? undefined : parseYamlNumber(text);
    if (value === undefined)
      this.error(
        node,
        `${what}: ${JSON.stringify(text)} is not a number${quoted ? '; write it without quotes' : ''}`,
      );
    return value;
  }

  /** As `number`; a fraction is cut off. */
  integer(node: YamlNode, what: string): number | undefined {
    const value = this.number(node, what);
    if (value === undefined || Math.abs(value) < MAX_INTEGER) return value && Math.trunc(value);
    this.error(node, `${what}: ${this.text(node, what)} is not a whole number`);
    return undefined;
  }

  *#pairs(map: { items: readonly { key: unknown; value: unknown }[] }, what: string): Generator<YamlEntry> {
    const merged: YamlNode[] = [];
    for (const pair of map.items) {
      const keyNode = pair.key as YamlNode;
      const key = this.text(keyNode, `a key of ${what}`);
      if (key === '<<') merged.push(pair.value as YamlNode);
      else yield { key, keyNode, value: pair.value as YamlNode };
    }
    for (const source of merged) {
      const real = this.#resolve(source);
      for (const one of isSeq(real) ? (real.items as YamlNode[]) : [real]) {
        const other = this.#resolve(one);
        if (++this.#merges > MAX_MERGES) return this.error(one, `more than ${MAX_MERGES} merges by <<`);
        if (isMap(other)) yield* this.#pairs(other, what);
        else this.error(one, `${what}: << must point to a mapping`);
      }
    }
  }

  #place(offset: number | undefined): { line: number; column: number } {
    if (offset === undefined) return { line: 0, column: 0 };
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  #add(severity: RuleProblem['severity'], offset: number | undefined, message: string): void {
    this.problems.push({ severity, file: this.#file, ...this.#place(offset), message });
  }
}

/** All repeated keys; of other faults the first, as the others mostly follow from it. */
function toldFaults(faults: readonly YAMLError[]): readonly YAMLError[] {
  const first = faults.find(({ code }) => code !== 'DUPLICATE_KEY');
  return first ? [first] : faults;
}

function unknownKey(key: string, what: string, known: readonly string[]): string {
  const close = nearest(key, known);
  const hint = close ? `did you mean ${JSON.stringify(close)}?` : `known keys: ${known.join(', ')}`;
  return `unknown key ${JSON.stringify(key)} in ${what}; ${hint}`;
}
