import { useCallback, useMemo, useRef } from 'react';
import { type ChartLine, SeriesChart } from '../../charts/index.ts';
import { Button, EmptyState, Loading } from '../../components/index.ts';
import { useStable } from '../../hooks/use-stable.ts';
import { useI18n, useT } from '../../i18n/i18n.tsx';
import { useExemplars } from '../../panels/use-exemplars.ts';
import { chartLines, MOST_LINES, namesOf, type ResultSeries } from './chart-lines.ts';
import { download } from './download.ts';
import styles from './Explore.module.css';
import { ExportMenu } from './ExportMenu.tsx';
import { rangeCsv, rangeJson } from './export.ts';
import { chartPng } from './png.ts';
import type { ResultProps } from './QueryResult.tsx';
import { QueryFailed, ResultPanel, rangeFigures, useFault } from './ResultPanel.tsx';
import { isDrawn, isolated, switched } from './selection.ts';
import { unitOfQuery } from './unit-of-query.ts';
import { type RangeResult, useRangeResult } from './use-range-result.ts';

/** A query over the range as a chart. */
export function GraphResult(props: ResultProps) {
  const { query, letter, range } = props;
  const result = useRangeResult(query, range);
  useFault(result.error, props);
  if (result.status !== 'ready') {
    return (
      <ResultPanel letter={letter} query={query}>
        <div className={styles.graph}>
          {result.status === 'loading' ? (
            <Loading />
          ) : (
            <QueryFailed query={query} message={result.error} onRetry={result.retry} />
          )}
        </div>
      </ResultPanel>
    );
  }
  return <Graph {...props} result={result} />;
}

function Graph(props: ResultProps & { readonly result: RangeResult }) {
  const { query, letter, range, state, row, result, onSelect } = props;
  const t = useT();
  const plot = useRef<HTMLDivElement>(null);
  const { times, series, fromMs, toMs } = result;
  const { selection, legend, colour } = row.ran;
  const names = useNames(series, legend);
  const most = state.all ? Number.POSITIVE_INFINITY : MOST_LINES;
  const lines = useMemo(() => chartLines(series, names, most, colour), [series, names, most, colour]);
  const drawn = useCallback((name: string) => isDrawn(selection, name), [selection]);
  const unit = useMemo(() => unitOfQuery(query), [query]);
  const exemplars = useExemplars(state.exemplars ? query : undefined, {
    fromMs,
    toMs,
    live: range.kind === 'live',
  });
  return (
    <ResultPanel
      letter={letter}
      query={query}
      figures={rangeFigures(result, range.stepMs)}
      warnings={result.warnings}
      infos={result.infos}
      busy={result.busy}
      actions={
        <ExportMenu
          letter={letter}
          csv={() => rangeCsv(times, series)}
          json={() => rangeJson(query, times, series)}
          png={(name) => void savePng(plot.current, name, query, lines, drawn)}
        />
      }
    >
      {series.length === 0 ? (
        <div className={styles.graph}>
          <EmptyState title={t('explore.noResult')}>{t('explore.noResult.hint')}</EmptyState>
        </div>
      ) : (
        <div ref={plot}>
          <TooMany
            shown={lines.length}
            all={series.length}
            onAll={(all) => props.setState({ all })}
            isAll={state.all}
          />
          <SeriesChart
            times={times}
            lines={lines}
            isDrawn={drawn}
            onIsolate={(name) => onSelect(isolated(selection, name))}
            onSwitch={(name) => onSelect(switched(selection, name))}
            fromMs={fromMs}
            toMs={toMs}
            unit={unit}
            label={query}
            stack={state.stacked}
            outages={result.outages}
            exemplars={exemplars}
            onZoom={props.onZoom}
            onZoomOut={props.onZoomOut}
            height="var(--graph-height)"
          />
        </div>
      )}
    </ResultPanel>
  );
}

/** Live data come each second: names are made anew only when the series change. */
function useNames(series: readonly ResultSeries[], template: string): readonly string[] {
  const labels = useStable(
    series.map((each) => each.labels),
    (one, other) => one.length === other.length && one.every((each, i) => each === other[i]),
  );
  return useMemo(() => namesOf(labels, template), [labels, template]);
}

function TooMany({
  shown,
  all,
  isAll,
  onAll,
}: {
  shown: number;
  all: number;
  isAll: boolean;
  onAll: (all: boolean) => void;
}) {
  const { t, locale } = useI18n();
  const whole = new Intl.NumberFormat(locale);
  if (all <= MOST_LINES) return null;
  return (
    <div className={styles.tooMany} role="status">
      <span>
        {isAll
          ? t('explore.allDrawn', { n: whole.format(all) })
          : t('explore.someDrawn', { shown: whole.format(shown), n: whole.format(all) })}
      </span>
      <Button size="small" onClick={() => onAll(!isAll)}>
        {isAll ? t('explore.drawSome', { n: MOST_LINES }) : t('explore.drawAll', { n: whole.format(all) })}
      </Button>
    </div>
  );
}

async function savePng(
  host: HTMLElement | null,
  name: string,
  query: string,
  lines: readonly ChartLine[],
  drawn: (name: string) => boolean,
): Promise<void> {
  const plot = host?.querySelector<HTMLElement>('[data-plot]');
  if (!plot) return;
  download(
    name,
    await chartPng(
      plot,
      query,
      lines.filter((line) => drawn(line.name)),
    ),
  );
}
