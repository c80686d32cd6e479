/** Log lines on standard error in logfmt: ts=… level=… msg=… and fields. Errors are written with their stack. */
import type { Log } from './context.ts';

export type LogLevel = 'info' | 'warn' | 'error';

/** `write` receives whole lines. */
export function createLog(write: (line: string) => void, now: () => number): Log {
  const print = (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    const parts = [`ts=${new Date(now()).toISOString()}`, `level=${level}`, `msg=${quote(message)}`];
    for (const [name, value] of Object.entries(fields)) parts.push(`${name}=${quote(textOf(value))}`);
    write(`${parts.join(' ')}\n`);
  };
  return {
    info: (message, fields) => print('info', message, fields),
    warn: (message, fields) => print('warn', message, fields),
    error: (message, fields) => print('error', message, fields),
  };
}

function textOf(value: unknown): string {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function quote(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}
