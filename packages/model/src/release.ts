/**
 * Memory that goes back to the system when it has been used. The engine counts the buffers that were made since the last full collection as growth of
 * its heap, dead ones too, and so looks through all of it for every few megabytes that pass through.
 *
 * Source: ECMA-262, ArrayBuffer.prototype.transfer.
 */

/** Nobody reads these bytes any more: they are empty then, as is all that shares their memory. A part of a larger buffer stays as it is. */
export function release(bytes: ArrayBufferView): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength > 0 && bytes.byteLength === buffer.byteLength)
    buffer.transfer(0);
}
