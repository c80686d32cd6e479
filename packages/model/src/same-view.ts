/** Whether two are one array, or views of the same part of one. */
export function isSameView(a: Float64Array | undefined, b: Float64Array): boolean {
  if (a === b) return true;
  return a?.length === b.length && a.byteOffset === b.byteOffset && a.buffer === b.buffer;
}
