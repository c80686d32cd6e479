/** Collects the warnings and infos of one query, each once, with the position in the query text. */
import type { Span } from './parser/ast.ts';
import { lineAndColumn } from './parser/errors.ts';

export class AnnotationCollector {
  readonly #query: string;
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();

  constructor(query: string) {
    this.#query = query;
  }

  warn(message: string, span: Span): void {
    this.#warnings.add(this.#text('warning', message, span));
  }

  info(message: string, span: Span): void {
    this.#infos.add(this.#text('info', message, span));
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  get infos(): readonly string[] {
    return [...this.#infos];
  }

  #text(kind: string, message: string, span: Span): string {
    const { line, column } = lineAndColumn(this.#query, span.start);
    return `PromQL ${kind}: ${message} (${line}:${column})`;
  }
}
