/** What the socket.io side refused, since the start. */
export interface LinkCounters {
  /** Handshakes of foreign origins or without the right to connect. */
  refused: number;
  badMessages: number;
  /** Clients disconnected for too many messages, or too many bad ones. */
  cut: number;
}
