/** LiveSocket over socket.io-client: its own reconnection is off, the LiveConnection decides. */
import { LIVE_PATH } from '@watchroom/contract';
import { io } from 'socket.io-client';
import { httpKnock, knockFirst } from './knock-first.ts';
import type { ServerEvent, SocketFactory } from './socket.ts';

const EVENTS: readonly ServerEvent[] = ['hello', 'beat', 'frame', 'topic', 'problem'];

/** Sockets to the server at `url`; without one, to the page's own origin. */
export function socketIoFactory(url?: string): SocketFactory {
  return knockFirst(opener(url), httpKnock(url));
}

function opener(url: string | undefined): SocketFactory {
  return (handlers) => {
    const options = {
      path: LIVE_PATH,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnection: false,
      forceNew: true,
    };
    const socket = url === undefined ? io(options) : io(url, options);
    let open = true;
    const closed = (reason: string) => {
      if (!open) return;
      open = false;
      socket.disconnect();
      handlers.closed(reason);
    };
    socket.on('connect', () => open && handlers.opened());
    socket.on('connect_error', (error) => closed(error.message));
    socket.on('disconnect', (reason) => closed(reason));
    for (const event of EVENTS) socket.on(event, (message) => open && handlers.message(event, message));
    return {
      emit: (event, message) => void socket.emit(event, message),
      askTime: (answer) => void socket.emit('clock', answer),
      close() {
        open = false;
        socket.removeAllListeners();
        socket.disconnect();
      },
    };
  };
}
