/** Collects the warnings and infos of one query, each once, with the position in the query text. */
import type { Span } from './parser/ast.ts';
import { lineAndColumn } from './parser/errors.ts';

export class AnnotationCollector {
  readonly #query: string;
  /** Texts by offset and message, as functions tell the same at each step. */
  readonly #warnings = new Map<string, string>();
  readonly #infos = new Map<string, string>();

  constructor(query: string) {
    this.#query = query;
  }

  warn(message: string, span: Span): void {
    this.#add(this.#warnings, 'warning', message, span);
  }

  info(message: string, span: Span): void {
    this.#add(this.#infos, 'info', message, span);
  }

  get warnings(): readonly string[] {
    return [...new Set(this.#warnings.values())];
  }

  get infos(): readonly string[] {
    return [...new Set(this.#infos.values())];
  }

  #add(into: Map<string, string>, kind: string, message: string, span: Span): void {
    const key = `${span.start} ${message}`;
    if (into.has(key)) return;
    const { line, column } = lineAndColumn(this.#query, span.start);
    into.set(key, `PromQL ${kind}: ${message} (${line}:${column})`);
  }
}
