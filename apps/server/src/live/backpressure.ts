/**
 * Whether a socket's earlier messages still wait. engine.io collects in `writeBuffer` what its transport cannot take
 * yet; a WebSocket takes more only when the last batch has left for the kernel. A little may wait, so that a page's
 * first snapshots go out together; `drain` is told when the buffer was handed on.
 */
import type { Socket } from 'socket.io';

const MOST_PACKETS = 32;
const MOST_BYTES = 256 * 1024;

export function isBackedUp(socket: Socket): boolean {
  const waiting: unknown = Reflect.get(socket.conn, 'writeBuffer');
  if (!Array.isArray(waiting) || waiting.length === 0) return inFlightBytes(socket) > MOST_BYTES;
  if (waiting.length >= MOST_PACKETS) return true;
  let bytes = 0;
  for (const packet of waiting) bytes += lengthOf(Reflect.get(Object(packet), 'data'));
  return bytes > MOST_BYTES;
}

/** What a WebSocket was given and has not yet passed on; 0 for other transports. */
function inFlightBytes(socket: Socket): number {
  const webSocket: unknown = Reflect.get(socket.conn.transport, 'socket');
  const amount: unknown = Reflect.get(Object(webSocket), 'bufferedAmount');
  return typeof amount === 'number' ? amount : 0;
}

function lengthOf(data: unknown): number {
  return typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0;
}
