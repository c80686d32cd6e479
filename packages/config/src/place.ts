/**
 * A cursor into a YAML document that knows its line, column and path, so that every fault can be shown where it stands.
 * Aliases and merge keys are followed as Go's yaml package does.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { ConfigProblem } from './problem.ts';

/** One document being read, and what was found in it. */
export interface Source {
  readonly file: string;
  /** The folder that relative paths start from. */
  readonly baseDir: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly problems: ConfigProblem[];
  readonly warnings: ConfigProblem[];
  /** Scalars that must not be printed, with the text to print. */
  readonly redactions: Map<Node, string>;
}

export type NodeKind = 'null' | 'scalar' | 'list' | 'map';

export class Place {
  readonly source: Source;
  readonly node: Node | null;
  readonly path: string;
  readonly #offset: number;

  constructor(source: Source, node: Node | null, path: string, offset: number) {
    this.source = source;
    this.node = isAlias(node) ? (node.resolve(source.document) ?? null) : node;
    this.path = path;
    this.#offset = offset;
  }

  get kind(): NodeKind {
    if (isMap(this.node)) return 'map';
    if (isSeq(this.node)) return 'list';
    return isScalar(this.node) && this.node.value !== null ? 'scalar' : 'null';
  }

  /** The path, or words for the document's top. */
  get name(): string {
    return this.path === '' ? 'the top level' : this.path;
  }

  /** A scalar's text as written, without quotes; '' for anything else. */
  get text(): string {
    return isScalar(this.node) && this.node.value !== null ? textOf(this.node) : '';
  }

  /** Whether a scalar is written in quotes: a text, whatever is in it. */
  get isQuoted(): boolean {
    return isScalar(this.node) && (this.node.type === 'QUOTE_DOUBLE' || this.node.type === 'QUOTE_SINGLE');
  }

  problem(message: string, remedy = ''): undefined {
    this.source.problems.push(this.#fault(message, remedy));
    return undefined;
  }

  warning(message: string, remedy = ''): undefined {
    this.source.warnings.push(this.#fault(message, remedy));
    return undefined;
  }

  /** Entries of a map, in order; merged maps first give what the map itself does not have. */
  entries(): readonly (readonly [string, Place])[] {
    if (!isMap(this.node)) return [];
    const found = new Map<string, Place>();
    this.#collect(this.node, found, 0);
    return [...found];
  }

  items(): readonly Place[] {
    if (!isSeq(this.node)) return [];
    return this.node.items.map((item, i) =>
      this.#child(item as Node | null, `${this.path}[${i}]`, undefined),
    );
  }

  #collect(map: YAMLMap, found: Map<string, Place>, depth: number): void {
    const merges: (Node | null)[] = [];
    for (const pair of map.items) {
      const key = pair.key as Node | null;
      const value = (pair.value ?? null) as Node | null;
      const name = isScalar(key) ? textOf(key) : String(key);
      if (name === '<<') merges.push(value);
      else if (!found.has(name)) found.set(name, this.#child(value, this.#join(name), key));
    }
    if (depth > 20) return;
    for (const merge of merges) {
      const target = isAlias(merge) ? merge.resolve(this.source.document) : merge;
      const maps = isSeq(target) ? target.items : [target];
      for (const item of maps) {
        const resolved = isAlias(item) ? item.resolve(this.source.document) : item;
        if (isMap(resolved)) this.#collect(resolved, found, depth + 1);
      }
    }
  }

  #child(node: Node | null, path: string, key: Node | null | undefined): Place {
    const offset = node?.range?.[0] ?? key?.range?.[0] ?? this.#offset;
    const place = new Place(
      this.source,
      node,
      path,
      isScalarLike(node) ? offset : (key?.range?.[0] ?? offset),
    );
    return place;
  }

  #join(name: string): string {
    const part = /^[\w.-]+$/.test(name) ? name : JSON.stringify(name);
    return this.path === '' ? part : `${this.path}.${part}`;
  }

  /** A place for the key that leads here, to point at the key instead of the value. */
  atKey(key: Node | null): Place {
    return new Place(this.source, this.node, this.path, key?.range?.[0] ?? this.#offset);
  }

  /** The key node of an entry of this map, for positions. */
  keyNode(name: string): Node | null {
    if (!isMap(this.node)) return null;
    for (const pair of this.node.items) {
      const key = pair.key as Node | null;
      if (isScalar(key) && textOf(key) === name) return key;
    }
    return null;
  }

  #fault(message: string, remedy: string): ConfigProblem {
    const { line, col } = this.source.lines.linePos(this.#offset);
    return {
      file: this.source.file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      path: this.path,
      message,
      remedy,
    };
  }
}

/** Whether a node is worth pointing at itself; an empty value or a block is shown at its key. */
function isScalarLike(node: Node | null): boolean {
  return isScalar(node) && node.value !== null;
}

/** A scalar's text; bytes of a !!binary that are not UTF-8 give a lone surrogate, which no name may hold. */
function textOf(node: Scalar): string {
  if (!(node.value instanceof Uint8Array)) return node.source ?? String(node.value);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(node.value);
  } catch {
    return '\udcff';
  }
}
