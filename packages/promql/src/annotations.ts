/** Collects the warnings and infos of one query, each text once, with the last of its positions as Prometheus tells it. */
import type { Span } from './parser/ast.ts';
import { lineAndColumn } from './parser/errors.ts';

const NONE: readonly string[] = [];

export class AnnotationCollector {
  readonly #query: string;
  /** Texts with positions by message, as functions tell the same at each step. */
  readonly #warnings = new Map<string, Span>();
  readonly #infos = new Map<string, Span>();

  constructor(query: string) {
    this.#query = query;
  }

  warn(message: string, span: Span): void {
    this.#warnings.set(message, span);
  }

  info(message: string, span: Span): void {
    this.#infos.set(message, span);
  }

  get warnings(): readonly string[] {
    return this.#texts(this.#warnings, 'warning');
  }

  get infos(): readonly string[] {
    return this.#texts(this.#infos, 'info');
  }

  #texts(from: ReadonlyMap<string, Span>, kind: string): readonly string[] {
    if (from.size === 0) return NONE;
    return [...from].map(([message, span]) => {
      const { line, column } = lineAndColumn(this.#query, span.start);
      return `PromQL ${kind}: ${message} (${line}:${column})`;
    });
  }
}
