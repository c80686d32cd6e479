/** All series at the end of a test, for `--debug`. */
import type { Querier } from '@watchroom/model';
import type { Engine } from '@watchroom/promql';
import { histogramText } from '@watchroom/promql';
import { formatFloat } from '../template/format-float.ts';
import { goDuration, pairsOf, pairsText } from './report.ts';

/** Writes the floats and histograms of the span; ends at the next whole second. */
export async function dumpAll(
  engine: Engine,
  querier: Querier,
  { startMs, lastMs }: { readonly startMs: number; readonly lastMs: number },
  write: (line: string) => void,
): Promise<void> {
  const spanMs = Math.floor((lastMs + 1000) / 1000) * 1000;
  const query = `{__name__=~".+"}[${spanMs}ms]`;
  const { value } = await engine.instant({ query, timeMs: startMs + spanMs, querier });
  write(`DEBUG: Dump of all data (input_series and rules) at ${goDuration(spanMs)}:`);
  if (value.type !== 'matrix') return;
  if (value.series.length === 0) write('');
  for (const { labels, timestamps, values, histograms } of value.series) {
    write(`${pairsText(pairsOf(labels))} =>`);
    timestamps.forEach((timeMs, i) => {
      const histogram = histograms?.[i];
      write(`${histogram ? histogramText(histogram) : formatFloat(values[i]!, 'f', -1)} @[${timeMs}]`);
    });
  }
}
