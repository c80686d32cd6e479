/**
 * Asks by plain HTTP whether the server answers before a socket is opened again. A browser holds back the WebSockets of a
 * page whose sockets fail, by up to five seconds after some dozen failures (Chromium's WebSocketPerProcessThrottler), so a
 * page that tried its socket throughout an outage would be live late. Plain requests are not held back.
 */
import type { LiveSocket, SocketFactory } from './socket.ts';

/** Whether the server answers; never throws. */
export type Knock = (signal: AbortSignal) => Promise<boolean>;

/** Sockets of `open`; all but the first wait for the answer to a knock, and have failed without one. */
export function knockFirst(open: SocketFactory, knock: Knock): SocketFactory {
  let first = true;
  return (handlers) => {
    if (first) {
      first = false;
      return open(handlers);
    }
    const ended = new AbortController();
    let socket: LiveSocket | undefined;
    void knock(ended.signal).then((answers) => {
      if (ended.signal.aborted) return;
      if (answers) socket = open(handlers);
      else handlers.closed('the server does not answer');
    });
    return {
      emit: (event, message) => socket?.emit(event, message),
      askTime: (answer) => socket?.askTime(answer),
      close() {
        ended.abort();
        socket?.close();
      },
    };
  };
}

/** Asks for /-/ready. A gateway that answers for a server which is gone says so by a status of 500 or more. */
export function httpKnock(url = ''): Knock {
  return async (signal) => {
    try {
      const answer = await fetch(`${url}/-/ready`, { cache: 'no-store', signal });
      return answer.status < 500;
    } catch {
      return false;
    }
  };
}
