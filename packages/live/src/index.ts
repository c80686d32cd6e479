export type { ClientChannel } from './channel.ts';
export type { ClientSession } from './client-session.ts';
export {
  type Evaluate,
  type Evaluated,
  type EvaluatedSeries,
  type EvaluateInstant,
  type EvaluateRange,
  type FeedFilter,
  type FeedSelector,
  feedsQuery,
  LiveProblem,
} from './evaluate.ts';
export { LiveHub, type LiveHubOptions } from './live-hub.ts';
export { DEFAULT_LIMITS, type LiveLimits } from './shared-queries.ts';
export { SETTLE_MS } from './shared-query.ts';
export type { LiveObserver, LiveStats } from './stats.ts';
