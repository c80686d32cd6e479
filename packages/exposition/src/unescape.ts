/**
 * Escapes of label values (\" \\ \n) and of text-format help (\\ \n); any other backslash stands for itself.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information
 */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

export function decode(bytes: Uint8Array, from: number, to: number): string {
  return UTF8.decode(bytes.subarray(from, to));
}

/** A label's value, a quoted name, or an OpenMetrics help text. */
export function unescapeValue(bytes: Uint8Array, from: number, to: number): string {
  const text = decode(bytes, from, to);
  return text.includes('\\') ? text.replace(/\\([\\n"])/g, replacement) : text;
}

export function unescapeHelp(bytes: Uint8Array, from: number, to: number): string {
  const text = decode(bytes, from, to);
  return text.includes('\\') ? text.replace(/\\([\\n])/g, replacement) : text;
}

function replacement(_match: string, escaped: string): string {
  return escaped === 'n' ? '\n' : escaped;
}
