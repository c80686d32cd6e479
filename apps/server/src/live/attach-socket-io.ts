/** The live hub on an HTTP server, by socket.io. Sequence and resume are the hub's: socket.io's own recovery is off. */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { LIVE_PATH } from '@watchroom/contract';
import type { LiveHub } from '@watchroom/live';
import type { Clock } from '@watchroom/model';
import { Server } from 'socket.io';
import { isAllowedOrigin } from './check-origin.ts';
import { link } from './client-link.ts';
import type { LinkCounters } from './counters.ts';

/** The longest query, escaped, and its envelope fit; a paint report of 1,000 times does too. */
const MAX_MESSAGE_BYTES = 64 * 1024;

export interface AttachOptions {
  readonly server: HttpServer;
  readonly hub: LiveHub;
  readonly clock: Clock;
  /** Origins besides the server's own whose pages may connect, as `https://portal.example`; read at each handshake. */
  readonly allowedOrigins?: (() => readonly string[]) | undefined;
  /** Whether a request may connect; for sign-in. */
  readonly authorize?: ((request: IncomingMessage) => boolean | Promise<boolean>) | undefined;
}

export interface AttachedLive {
  readonly counters: Readonly<LinkCounters>;
  /** Disconnects all clients and takes no more; the HTTP server is left to its owner. */
  close(): Promise<void>;
}

export function attachSocketIo(options: AttachOptions): AttachedLive {
  const { server, hub, clock } = options;
  const counters: LinkCounters = { refused: 0, badMessages: 0, cut: 0 };
  let closing = false;
  const allow = async (request: IncomingMessage): Promise<boolean> =>
    !closing &&
    isAllowedOrigin(request, options.allowedOrigins?.() ?? []) &&
    (await (options.authorize?.(request) ?? true));
  const io = new Server(server, {
    path: LIVE_PATH,
    serveClient: false,
    transports: ['websocket', 'polling'],
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    pingInterval: 10_000,
    pingTimeout: 8000,
    connectTimeout: 5000,
    allowRequest: (request, decide) => {
      allow(request).then(
        (allowed) => {
          if (!allowed) counters.refused++;
          decide(allowed ? null : 'not allowed', allowed);
        },
        () => {
          counters.refused++;
          decide('not allowed', false);
        },
      );
    },
  });
  io.engine.on('headers', (headers: Record<string, string>) => {
    headers['x-content-type-options'] = 'nosniff';
    headers['referrer-policy'] = 'no-referrer';
  });
  io.on('connection', (socket) => link({ socket, hub, clock, counters }));
  return {
    counters,
    close() {
      closing = true;
      io.disconnectSockets(true);
      io.engine.close();
      return Promise.resolve();
    },
  };
}
