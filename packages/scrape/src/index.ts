export { localLink, type OpenLink } from './fetching/link.ts';
export { ScrapeManager, type ScrapeManagerOptions } from './manager.ts';
export {
  type DiscoveryKind,
  type LimitKind,
  type ScrapeLog,
  type ScrapeObserver,
  silentLog,
  silentObserver,
} from './observer.ts';
export type { DiscoveryStatus, DroppedTarget, TargetMetadata, TargetStatus, TargetTrace } from './status.ts';
export type { Health } from './target-loop.ts';
