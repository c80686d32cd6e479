import type { ServerToClient } from '@watchroom/contract';

/** The way to one client; the transport implements it and calls the session's `drained`, `close` and requests. */
export interface ClientChannel {
  /** Hands a message to the transport; never throws, also after the client has gone. */
  send<E extends keyof ServerToClient>(event: E, message: Parameters<ServerToClient[E]>[0]): void;
  /** Whether earlier messages still wait; the transport calls `session.drained()` when they no longer do. */
  isBackedUp(): boolean;
}
