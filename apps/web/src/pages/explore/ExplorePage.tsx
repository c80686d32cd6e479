import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import {
  Button,
  EmptyState,
  Kbd,
  Loading,
  Popover,
  Segmented,
  Skeleton,
  TimeRangePicker,
} from '../../components/index.ts';
import { usePageTitle } from '../../hooks/use-page-title.ts';
import type { MessageKey } from '../../i18n/en.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useServerNow } from '../../live/index.ts';
import { useResolvedRange } from '../../panels/use-range.ts';
import styles from './Explore.module.css';
import {
  type ExploreState,
  type ExploreTab,
  parseHistory,
  readExploreState,
  remembered,
  withLive,
  writeExploreState,
} from './explore-state.ts';
import { GraphResult } from './GraphResult.tsx';
import type { QueryFault } from './server-position.ts';
import { TableResult } from './TableResult.tsx';

const PromqlEditor = lazy(async () => ({ default: (await import('./PromqlEditor.tsx')).PromqlEditor }));

const STORED = 'watchroom.explore.history';

/** Any PromQL as a graph or a table. The URL carries what was run, the range and the view. */
export function ExplorePage() {
  const t = useT();
  usePageTitle(t('explore.title'));
  const [parameters, setParameters] = useSearchParams();
  const text = parameters.toString();
  const state = useMemo(() => readExploreState(new URLSearchParams(text)), [text]);
  const setState = useCallback(
    (change: Partial<ExploreState>) =>
      setParameters((before) => writeExploreState(before, { ...readExploreState(before), ...change })),
    [setParameters],
  );
  const [draft, setDraft] = useState(state.query);
  const [fault, setFault] = useState<QueryFault | undefined>();
  const history = useHistory();
  const client = useQueryClient();
  useEffect(() => setDraft(state.query), [state.query]);
  const run = (query: string) => {
    const wanted = query.trim();
    history.add(wanted);
    setFault(undefined);
    if (wanted === state.query) void client.invalidateQueries({ queryKey: ['explore'] });
    else setState({ query: wanted });
  };
  return (
    <div className={styles.page}>
      <h1 className="visually-hidden">{t('explore.title')}</h1>
      <Suspense fallback={<Skeleton height="2.75rem" />}>
        <PromqlEditor
          query={draft}
          label={t('explore.query')}
          placeholder={t('explore.query')}
          onChange={setDraft}
          onRun={() => run(draft)}
          fault={fault}
        />
      </Suspense>
      <Toolbar
        state={state}
        setState={setState}
        onRun={() => run(draft)}
        history={history.queries}
        onChoose={run}
      />
      {state.query === '' ? <Examples onChoose={run} /> : <Result state={state} onFault={setFault} />}
    </div>
  );
}

function useHistory() {
  const [queries, setQueries] = useState(() => parseHistory(localStorage.getItem(STORED)));
  const add = (query: string) => {
    const next = remembered(queries, query);
    setQueries(next);
    localStorage.setItem(STORED, JSON.stringify(next));
  };
  return { queries, add };
}

interface ToolbarProps {
  readonly state: ExploreState;
  readonly setState: (change: Partial<ExploreState>) => void;
  readonly onRun: () => void;
  readonly history: readonly string[];
  readonly onChoose: (query: string) => void;
}

function Toolbar({ state, setState, onRun, history, onChoose }: ToolbarProps) {
  const t = useT();
  const nowMs = useServerNow(60_000) ?? Date.now();
  const busy = useIsFetching({ queryKey: ['explore'] }) > 0;
  return (
    <div className={styles.toolbar}>
      <Button variant="primary" icon="play" aria-busy={busy} onClick={onRun}>
        {t('explore.run')}
      </Button>
      <span className={styles.keys} aria-hidden="true">
        <Kbd>⇧</Kbd> <Kbd>⏎</Kbd>
      </span>
      <Popover
        label={t('explore.history')}
        trigger={t('explore.history')}
        align="start"
        buttonProps={{ icon: 'clock' }}
      >
        {(close) => (
          <ul className={styles.history}>
            {history.length === 0 && <li className={styles.quiet}>{t('explore.history.none')}</li>}
            {history.map((query) => (
              <li key={query}>
                <button
                  type="button"
                  className={styles.remembered}
                  onClick={() => {
                    close();
                    onChoose(query);
                  }}
                >
                  <code>{query}</code>
                </button>
              </li>
            ))}
          </ul>
        )}
      </Popover>
      <div className={styles.side}>
        <Segmented<ExploreTab>
          label={t('explore.view')}
          value={state.tab}
          onChange={(tab) => setState({ tab })}
          options={[
            { value: 'graph', label: t('explore.graph') },
            { value: 'table', label: t('explore.table') },
          ]}
        />
        <Button
          aria-pressed={state.range.kind === 'live'}
          className={styles.live ?? ''}
          onClick={() => setState({ range: withLive(state.range, state.range.kind !== 'live') })}
        >
          <span className={styles.dot} data-on={state.range.kind === 'live' || undefined} />
          {t('explore.live')}
        </Button>
        <TimeRangePicker value={state.range} nowMs={nowMs} onChange={(range) => setState({ range })} />
      </div>
    </div>
  );
}

function Result({
  state,
  onFault,
}: {
  state: ExploreState;
  onFault: (fault: QueryFault | undefined) => void;
}) {
  const range = useResolvedRange(state.range);
  if (!range) return <Loading />;
  return state.tab === 'graph' ? (
    <GraphResult query={state.query} range={range} onFault={onFault} />
  ) : (
    <TableResult query={state.query} range={range} onFault={onFault} />
  );
}

const EXAMPLES: readonly { readonly key: MessageKey; readonly query: string }[] = [
  { key: 'explore.example.services', query: 'watchroom:health:score' },
  { key: 'explore.example.rate', query: 'sum by (service) (rate(http_requests_total[1m]))' },
  {
    key: 'explore.example.p99',
    query: 'histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket[2m])))',
  },
  { key: 'explore.example.cpu', query: 'sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[1m]))' },
  { key: 'explore.example.down', query: 'up == 0' },
];

function Examples({ onChoose }: { onChoose: (query: string) => void }) {
  const t = useT();
  return (
    <EmptyState title={t('explore.empty.title')}>
      <p>{t('explore.empty.body')}</p>
      <ul className={styles.examples}>
        {EXAMPLES.map(({ key, query }) => (
          <li key={key}>
            <button type="button" className={styles.example} onClick={() => onChoose(query)}>
              <span>{t(key)}</span>
              <code>{query}</code>
            </button>
          </li>
        ))}
      </ul>
    </EmptyState>
  );
}
