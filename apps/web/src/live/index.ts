export { browserScheduler } from './browser-scheduler.ts';
export type { ChannelDiagnosis, LiveDiagnostics, SeriesDiagnosis } from './diagnostics.ts';
export { type Drawer, FrameLoop, type FrameScheduler } from './frame-loop.ts';
export {
  type LiveValue,
  type LiveValues,
  useConnection,
  useLiveDrawing,
  useLiveQuery,
  useLiveTopic,
  useLiveValues,
  useServerNow,
} from './hooks.ts';
export { browserLivePage, LiveProvider, useLivePage } from './LiveProvider.tsx';
export { LiveClient } from './live-client.ts';
export { LiveConnection } from './live-connection.ts';
export { LivePage, type LivePageOptions } from './live-page.ts';
export type { LiveQuerySpec } from './query-channel.ts';
export type { LiveSocket, SocketFactory, SocketHandlers } from './socket.ts';
export { socketIoFactory } from './socket-io.ts';
export type { ConnectionState, ConnectionStatus, LiveQuery, LiveTopic, QueryStatus } from './types.ts';
