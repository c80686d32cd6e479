import type { LiveHub, LiveObserver, LiveStats } from '@watchroom/live';
import type { Log } from '../context.ts';
import type { AttachedLive } from '../live/attach-socket-io.ts';
import type { PaintTimes } from './paint-times.ts';
import type { ServerMetrics } from './server-metrics.ts';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export function liveObserver(metrics: ServerMetrics, paint: PaintTimes, log: Log): LiveObserver {
  const seconds = metrics.histogram(
    'watchroom_live_evaluation_seconds',
    'One evaluation of a live query.',
    SECONDS,
  );
  const problems = metrics.counter('watchroom_live_problems_total', 'Live channels declined or ended.', [
    'code',
  ]);
  return {
    evaluated: (durationS) => seconds.observe(durationS),
    problem: (code) => problems.inc({ code }),
    unexpected: (error) => log.error('a live query failed', { error }),
    painted: (report) => paint.record(report),
  };
}

const READINGS: readonly (readonly [
  name: string,
  help: string,
  read: (stats: Readonly<LiveStats>) => number,
])[] = [
  ['clients', 'Pages connected.', (stats) => stats.clients],
  ['subscriptions', 'Channels that pages hold.', (stats) => stats.subscriptions],
  [
    'shared_queries',
    'Distinct live queries, each evaluated once for everybody.',
    (stats) => stats.sharedQueries,
  ],
  ['cells', 'Points held for live queries.', (stats) => stats.cells],
  ['connects_total', 'Connections accepted.', (stats) => stats.connects],
  ['evaluations_total', 'Evaluations of live queries.', (stats) => stats.evaluations],
  ['evaluation_failures_total', 'Evaluations that failed.', (stats) => stats.evaluationFailures],
  ['idle_evaluations_total', 'Evaluations that no sample asked for.', (stats) => stats.idleEvaluations],
  ['snapshots_total', 'Snapshots sent.', (stats) => stats.snapshots],
  ['fills_total', 'Gap fills sent.', (stats) => stats.fills],
  ['deltas_total', 'Deltas sent.', (stats) => stats.deltas],
  ['topic_frames_total', 'Topic frames sent.', (stats) => stats.topicFrames],
  ['dropped_updates_total', 'Updates a slow client got as part of a later one.', (stats) => stats.merged],
  ['beats_skipped_total', 'Heartbeats not sent to a slow client.', (stats) => stats.beatsSkipped],
];

/** The hub's own figures, read when they are scraped. */
export function observeLive(metrics: ServerMetrics, hub: LiveHub, link: AttachedLive): void {
  for (const [name, help, read] of READINGS) {
    metrics.readFigure(`watchroom_live_${name}`, help, () => read(hub.stats()));
  }
  metrics.readFigure('watchroom_live_refused_total', 'Connections refused.', () => link.counters.refused);
  metrics.readFigure(
    'watchroom_live_bad_messages_total',
    'Messages that no schema fits.',
    () => link.counters.badMessages,
  );
  metrics.readFigure(
    'watchroom_live_cut_total',
    'Clients cut for too many bad messages.',
    () => link.counters.cut,
  );
}
