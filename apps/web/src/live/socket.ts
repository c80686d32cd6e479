/** The connection's port to the network: one socket is one attempt, never reused after it closed. */
import type { ServerToClient } from '@watchroom/contract';

export type ServerEvent = keyof ServerToClient;
export type ServerMessage<E extends ServerEvent> = Parameters<ServerToClient[E]>[0];

export interface SocketHandlers {
  opened(): void;
  /** Once; also for an attempt that failed. Nothing is called after it. */
  closed(reason: string): void;
  message<E extends ServerEvent>(event: E, message: ServerMessage<E>): void;
}

export interface LiveSocket {
  emit(event: 'subscribe' | 'unsubscribe' | 'painted', message: unknown): void;
  /** Asks for the server's time. */
  askTime(answer: (serverMs: number) => void): void;
  /** Gives up at once; no handler is called any more. */
  close(): void;
}

export type SocketFactory = (handlers: SocketHandlers) => LiveSocket;
