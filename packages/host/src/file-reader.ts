/**
 * Reads small files of /proc and /sys. These answer from memory, so they are read synchronously: a trip through the thread
 * pool costs several times the read. Files asked for again stay open and are read from their start, up to a bound.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

const MAX_OPEN_FILES = 192;
const INITIAL_BYTES = 64 * 1024;
/** What a file may hold: /proc/net/udp of a busy name server is large. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads after which a file that was not there is looked for again. */
const MISSING_READS = 10;
const MAX_MISSING = 4096;

export class FileReader {
  readonly #missing = new Map<string, number>();
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  readonly #open = new Map<string, number>();

  /** The file's text, or undefined when it is not there or refuses to be read. */
  read(path: string): string | undefined {
    const known = this.#open.get(path);
    if (known !== undefined) {
      const text = this.#tryRead(known);
      if (text !== undefined) return text;
      this.#forget(path, known);
    }
    const skips = this.#missing.get(path) ?? 0;
    if (skips > 0) {
      this.#missing.set(path, skips - 1);
      return undefined;
    }
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch {
      this.#miss(path);
      return undefined;
    }
    const text = this.#tryRead(file);
    if (text === undefined) this.#miss(path);
    if (text !== undefined && this.#open.size < MAX_OPEN_FILES) this.#open.set(path, file);
    else closeSync(file);
    return text;
  }

  /** The file's text, or an error that names it. */
  need(path: string): string {
    const text = this.read(path);
    if (text === undefined) throw new Error(`cannot read ${path}`);
    return text;
  }

  /** The trimmed text as a number; undefined when the file is not there or holds none. */
  number(path: string): number | undefined {
    const text = this.read(path)?.trim();
    if (text === undefined || text === '') return undefined;
    const value = Number(text);
    return Number.isNaN(value) ? undefined : value;
  }

  /** The trimmed text, '' when the file is not there. */
  word(path: string): string {
    return this.read(path)?.trim() ?? '';
  }

  /** Names in a folder, sorted; empty when it is not there. */
  list(path: string): string[] {
    try {
      return readdirSync(path).sort();
    } catch {
      return [];
    }
  }

  close(): void {
    for (const [path, file] of this.#open) this.#forget(path, file);
  }

  /** An attempt that fails costs an exception, so a file that is not there is not asked for each time. */
  #miss(path: string): void {
    if (this.#missing.size >= MAX_MISSING) this.#missing.clear();
    this.#missing.set(path, MISSING_READS);
  }

  #forget(path: string, file: number): void {
    this.#open.delete(path);
    try {
      closeSync(file);
    } catch {
      // The device behind the file is gone, and the handle with it.
    }
  }

  #tryRead(file: number): string | undefined {
    let length = 0;
    try {
      for (;;) {
        const count = readSync(file, this.#buffer, length, this.#buffer.length - length, length);
        if (count === 0) return this.#buffer.toString('utf8', 0, length);
        length += count;
        if (length < this.#buffer.length) continue;
        if (length >= MAX_BYTES) return undefined;
        const grown = Buffer.allocUnsafe(length * 2);
        this.#buffer.copy(grown, 0, 0, length);
        this.#buffer = grown;
      }
    } catch {
      return undefined;
    }
  }
}
