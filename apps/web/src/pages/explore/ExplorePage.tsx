import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import { Loading } from '../../components/index.ts';
import { usePageTitle } from '../../hooks/use-page-title.ts';
import { useUrlState } from '../../hooks/use-url-state.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useServerNow } from '../../live/index.ts';
import type { ResolvedRange } from '../../panels/range.ts';
import { useResolvedRange } from '../../panels/use-range.ts';
import { ActionBar } from './ActionBar.tsx';
import { Examples } from './Examples.tsx';
import styles from './Explore.module.css';
import {
  type ExploreState,
  letterOf,
  readExploreState,
  withLive,
  writeExploreState,
  zoomedOut,
  zoomedTo,
} from './explore-state.ts';
import { HistoryDrawer } from './HistoryDrawer.tsx';
import { MetricBrowser } from './MetricBrowser.tsx';
import { Palette } from './Palette.tsx';
import type { EditorHandle } from './PromqlEditor.tsx';
import { QueryEditor } from './QueryEditor.tsx';
import { QueryResult } from './QueryResult.tsx';
import { withResolution } from './resolution.ts';
import type { QueryFault } from './server-position.ts';
import { Toolbar } from './Toolbar.tsx';
import { useCommands } from './use-commands.ts';
import { useHistory } from './use-history.ts';
import { type QueryRow, useQueryRows } from './use-query-rows.ts';
import { ViewBar } from './ViewBar.tsx';

type Sheet = 'history' | 'metrics' | 'palette' | undefined;

/** Any PromQL as a graph, a table or an explained tree. The URL carries the whole screen. */
export function ExplorePage() {
  const t = useT();
  usePageTitle(t('explore.title'));
  const { state, setState, newest } = useUrlState(readExploreState, writeExploreState);
  const history = useHistory();
  const client = useQueryClient();
  const [faults, setFaults] = useState<ReadonlyMap<number, QueryFault>>(new Map());
  const [highlight, setHighlight] = useState<{ key: number; start: number; end: number } | undefined>();
  const [sheet, setSheet] = useState<Sheet>();
  const [target, setTarget] = useState<number | undefined>();
  const editors = useRef(new Map<number, EditorHandle>());
  const nowMs = useServerNow(60_000) ?? Date.now();
  const rows = useQueryRows(
    state.queries,
    newest,
    (queries) => setState({ queries }),
    (texts) => {
      history.add(texts);
      setFaults(new Map());
      void client.invalidateQueries({ queryKey: ['explore'] });
    },
  );
  const onFault = useCallback((key: number, fault: QueryFault | undefined) => {
    setFaults((before) => {
      if (before.get(key) === fault) return before;
      const next = new Map(before);
      if (fault) next.set(key, fault);
      else next.delete(key);
      return next;
    });
  }, []);
  const resolved = useResolvedRange(state.range);
  const range = useMemo(() => resolved && withResolution(resolved, state.step), [resolved, state.step]);
  const toggleLive = () => setState({ range: withLive(state.range, state.range.kind !== 'live') });
  const zoomOut = () => setState({ range: zoomedOut(state.range, nowMs) });
  const openMetrics = (key = rows.rows[0]?.key) => {
    setTarget(key);
    setSheet('metrics');
  };
  const insert = (text: string) => {
    const row = rows.rows.find(({ key }) => key === target) ?? rows.rows[0];
    const editor = row && editors.current.get(row.key);
    if (editor) editor.insert(text);
    else if (row) rows.setDraft(row.key, row.draft + text);
  };
  const commands = useCommands({
    state,
    setState,
    run: () => rows.run(),
    add: () => rows.add(),
    toggleLive,
    zoomOut,
    openHistory: () => setSheet('history'),
    openMetrics: () => openMetrics(),
    openPalette: () => setSheet('palette'),
  });
  const close = () => setSheet(undefined);
  const ran = rows.rows.filter(({ ran: { text } }) => text !== '');
  return (
    <div className={styles.page}>
      <Toolbar
        state={state}
        setState={setState}
        range={range}
        nowMs={nowMs}
        onLive={toggleLive}
        onZoomOut={zoomOut}
        onPalette={() => setSheet('palette')}
      />
      <div className={styles.queries}>
        {rows.rows.map((row, i) => (
          <QueryEditor
            key={row.key}
            row={row}
            letter={letterOf(i)}
            rows={rows}
            only={rows.rows.length === 1}
            fault={faults.get(row.key)}
            onFault={onFault}
            highlight={highlight?.key === row.key ? highlight : undefined}
            onMetrics={() => openMetrics(row.key)}
            takesFocus={i > 0 ? row.draft === '' : state.queries.length === 0}
            editorRef={(handle) => {
              if (handle) editors.current.set(row.key, handle);
              else editors.current.delete(row.key);
            }}
          />
        ))}
        <ActionBar rows={rows} onHistory={() => setSheet('history')} onMetrics={() => openMetrics()} />
      </div>
      {ran.length === 0 ? (
        <Examples onChoose={(query) => rows.run(query)} onMetrics={() => openMetrics()} />
      ) : (
        <>
          <ViewBar state={state} setState={setState} range={range} />
          <Results
            rows={rows.rows}
            range={range}
            state={state}
            setState={setState}
            onFault={onFault}
            onChange={rows.change}
            onZoomOut={zoomOut}
            onHighlight={setHighlight}
            onAdd={rows.add}
          />
        </>
      )}
      <HistoryDrawer
        open={sheet === 'history'}
        onClose={close}
        history={history}
        onRun={(query) => {
          close();
          rows.run(query);
        }}
        onAdd={(query) => {
          close();
          rows.add(query);
        }}
      />
      <MetricBrowser
        open={sheet === 'metrics'}
        onClose={close}
        range={range}
        nowMs={nowMs}
        onInsert={(text) => {
          close();
          insert(text);
        }}
        onAdd={(text) => {
          close();
          const empty = rows.rows.length === 1 && rows.rows[0]?.draft.trim() === '';
          if (empty) rows.run(text);
          else rows.add(text);
        }}
      />
      <Palette open={sheet === 'palette'} onClose={close} commands={commands} />
    </div>
  );
}

interface ResultsProps {
  readonly rows: readonly QueryRow[];
  readonly range: ResolvedRange | undefined;
  readonly state: ExploreState;
  readonly setState: (change: Partial<ExploreState>) => void;
  readonly onFault: (key: number, fault: QueryFault | undefined) => void;
  readonly onChange: ReturnType<typeof useQueryRows>['change'];
  readonly onZoomOut: () => void;
  readonly onHighlight: (span: { key: number; start: number; end: number } | undefined) => void;
  readonly onAdd: (query: string) => void;
}

function Results(props: ResultsProps) {
  const { rows, range, state, setState, onChange, onHighlight } = props;
  const t = useT();
  if (!range) return <Loading />;
  const shown = rows
    .map((row, i) => ({ row, letter: letterOf(i) }))
    .filter(({ row: { ran } }) => ran.text !== '' && !ran.off);
  if (shown.length === 0) return <p className={styles.quiet}>{t('explore.allOff')}</p>;
  return (
    <div className={styles.results} data-count={Math.min(3, shown.length)}>
      {shown.map(({ row, letter }) => (
        <QueryResult
          key={row.key}
          row={row}
          letter={letter}
          range={range}
          state={state}
          setState={setState}
          onFault={props.onFault}
          onSelect={(selection) => onChange(row.key, { selection })}
          onZoom={(fromMs, toMs) => setState({ range: zoomedTo(fromMs, toMs) })}
          onZoomOut={props.onZoomOut}
          onHighlight={(span) => onHighlight(span && { key: row.key, ...span })}
          onAdd={props.onAdd}
        />
      ))}
    </div>
  );
}
