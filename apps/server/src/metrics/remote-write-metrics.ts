import type { RemoteWriteReceiver } from '@watchroom/remote';
import type { ServerMetrics } from './server-metrics.ts';

/** What the receiver of remote write keeps and has taken, as watchroom_remote_write_*. */
export function observeRemoteWrite(metrics: ServerMetrics, receiver: RemoteWriteReceiver): void {
  const read = (name: string, help: string, figure: () => number): void =>
    metrics.readFigure(`watchroom_remote_write_${name}`, help, figure);
  read('cached_series', 'Series found by the bytes of their labels.', () => receiver.stats().cachedSeries);
  read(
    'cached_series_forgotten_total',
    'Series that the bound of the cache has cost; they are found by their labels again.',
    () => receiver.stats().forgottenSeries,
  );
  read(
    'refused_families_total',
    'Times that metadata of a new metric family was not kept, as there were too many.',
    () => receiver.stats().refusedFamilies,
  );
  for (const kind of ['samples', 'histograms', 'exemplars'] as const)
    read(`${kind}_total`, `Written ${kind}, repeated ones included.`, () => receiver.stats()[kind]);
  read(
    'refused_total',
    'Samples, histograms and exemplars of readable requests that were not written.',
    () => receiver.stats().refused,
  );
}
