/**
 * Columns that grow at their end, as slices do in Go: a view never changes, and behind the last cell that any view shows
 * there is room for more. So a query that is asked again each second does not copy its answer each second.
 */

/** Cells of a buffer that are taken. */
const taken = new WeakMap<ArrayBufferLike, number>();
/** A view that shows less of its buffer than one in so many cells is copied rather than extended. */
const LARGEST_WASTE = 4;
const LEAST_ROOM = 32;

/** Whether the cells are in memory that `appended` has made. */
export function hasGrown({ buffer }: Float64Array): boolean {
  return taken.has(buffer);
}

/** `before` with the cells of `after` behind it: in its own memory where that has room nobody has taken. */
export function appended(before: Float64Array, after: Float64Array): Float64Array {
  const { buffer, byteOffset } = before;
  const length = before.length + after.length;
  const end = byteOffset / Float64Array.BYTES_PER_ELEMENT + length;
  const cells = buffer.byteLength / Float64Array.BYTES_PER_ELEMENT;
  const isLast = taken.get(buffer) === end - after.length;
  if (isLast && end <= cells && cells <= LARGEST_WASTE * length + LEAST_ROOM) {
    const longer = new Float64Array(buffer, byteOffset, length);
    longer.set(after, before.length);
    taken.set(buffer, end);
    return longer;
  }
  const whole = new Float64Array(length + Math.max(LEAST_ROOM, length >> 1));
  whole.set(before);
  whole.set(after, before.length);
  taken.set(whole.buffer, length);
  return whole.subarray(0, length);
}
