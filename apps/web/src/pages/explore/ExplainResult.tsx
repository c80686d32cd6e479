import { useQuery } from '@tanstack/react-query';
import type { ExplainAnswer, ExplainRequest } from '@watchroom/contract';
import { useState } from 'react';
import { fetchExplain } from '../../api/index.ts';
import { Badge, Button, Icon, IconButton, Loading } from '../../components/index.ts';
import type { MessageKey } from '../../i18n/en.ts';
import { useI18n, useT } from '../../i18n/i18n.tsx';
import { useServerNow } from '../../live/index.ts';
import type { ResolvedRange } from '../../panels/range.ts';
import styles from './Explain.module.css';
import { type ExplainRow, explainRows, millis } from './explain-rows.ts';
import { typeOf } from './explore-state.ts';
import type { ResultProps } from './QueryResult.tsx';
import { QueryFailed, ResultPanel, useFault } from './ResultPanel.tsx';

/** A live window is explained as it was when the page asked; asked again by running. */
function requestOf(query: string, range: ResolvedRange, nowMs: number, instant: boolean): ExplainRequest {
  const toMs = range.kind === 'fixed' ? range.toMs : Math.floor(nowMs / range.stepMs) * range.stepMs;
  if (instant) return { query, timeMs: toMs };
  const fromMs = range.kind === 'fixed' ? range.fromMs : toMs - range.windowMs;
  return { query, fromMs, toMs, stepMs: range.stepMs };
}

/** The tree that a query was evaluated by, with what each node cost. */
export function ExplainResult(props: ResultProps) {
  const { query, letter, range, state } = props;
  const t = useT();
  const nowMs = useServerNow(60_000) ?? Date.now();
  const instant = typeOf(state) === 'instant';
  const answer = useQuery({
    queryKey: ['explore', 'explain', query, range, instant],
    queryFn: ({ signal }) => fetchExplain(requestOf(query, range, nowMs, instant), signal),
    placeholderData: (before, former) => (former?.queryKey[2] === query ? before : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  useFault(answer.error?.message, props);
  if (!answer.data || answer.error) {
    return (
      <ResultPanel letter={letter} query={query}>
        {answer.error ? (
          <QueryFailed query={query} message={answer.error.message} onRetry={() => void answer.refetch()} />
        ) : (
          <Loading />
        )}
      </ResultPanel>
    );
  }
  const { series, samples, evalMs, warnings, infos } = answer.data;
  return (
    <ResultPanel
      flush
      letter={letter}
      query={query}
      figures={{ series, samples, tookMs: evalMs }}
      warnings={warnings}
      infos={infos}
      busy={answer.isFetching}
      actions={
        <Button size="small" variant="ghost" icon="refresh" onClick={() => void answer.refetch()}>
          {t('explore.explain.again')}
        </Button>
      }
    >
      <ExplainTree answer={answer.data} onHighlight={props.onHighlight} onAdd={props.onAdd} />
    </ResultPanel>
  );
}

export interface ExplainTreeProps {
  readonly answer: ExplainAnswer;
  readonly onHighlight: ResultProps['onHighlight'];
  readonly onAdd: ResultProps['onAdd'];
}

export function ExplainTree({ answer, onHighlight, onAdd }: ExplainTreeProps) {
  const t = useT();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const toggle = (path: string) =>
    setFolded((before) => {
      const next = new Set(before);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  const rows = explainRows(answer.tree, folded);
  const slowest = Math.max(...rows.map(({ share }) => share));
  return (
    <section className={styles.scroll} aria-label={t('explore.explain')}>
      <table className={styles.tree}>
        <caption className="visually-hidden">{t('explore.explain')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('explore.explain.node')}</th>
            <th scope="col" className={styles.barColumn}>
              {t('explore.explain.own')}
            </th>
            <th scope="col">{t('explore.explain.total')}</th>
            <th scope="col">{t('explore.explain.series')}</th>
            <th scope="col">{t('explore.explain.samples')}</th>
            <th scope="col">
              <span className="visually-hidden">{t('app.more')}</span>
            </th>
          </tr>
        </thead>
        <tbody onPointerLeave={() => onHighlight(undefined)}>
          {rows.map((row) => (
            <NodeRow
              key={row.path}
              row={row}
              folded={folded.has(row.path)}
              slowest={row.share === slowest && rows.length > 1}
              onToggle={() => toggle(row.path)}
              onHighlight={onHighlight}
              onAdd={onAdd}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const KINDS: Readonly<Record<string, MessageKey>> = {
  call: 'explore.explain.call',
  aggregate: 'explore.explain.aggregate',
  binary: 'explore.explain.binary',
  unary: 'explore.explain.binary',
  vectorSelector: 'explore.explain.selector',
  matrixSelector: 'explore.explain.rangeSelector',
  subquery: 'explore.explain.subquery',
  number: 'explore.explain.literal',
  string: 'explore.explain.literal',
};

interface NodeRowProps {
  readonly row: ExplainRow;
  readonly folded: boolean;
  readonly slowest: boolean;
  readonly onToggle: () => void;
  readonly onHighlight: ResultProps['onHighlight'];
  readonly onAdd: ResultProps['onAdd'];
}

function NodeRow({ row, folded, slowest, onToggle, onHighlight, onAdd }: NodeRowProps) {
  const { t, locale } = useI18n();
  const { node, depth, hasChildren, share } = row;
  const whole = new Intl.NumberFormat(locale);
  const kind = KINDS[node.type];
  const runs = node.valueType === 'vector' || node.valueType === 'scalar';
  return (
    <tr onPointerEnter={() => onHighlight(node.span)} data-slowest={slowest || undefined}>
      <td>
        <div className={styles.node} style={{ paddingLeft: `${depth * 1.25}rem` }}>
          {hasChildren ? (
            <button
              type="button"
              className={styles.fold}
              aria-expanded={!folded}
              aria-label={t('explore.explain.fold', { node: node.name || node.type })}
              onClick={onToggle}
            >
              <Icon name={folded ? 'right' : 'chevron'} />
            </button>
          ) : (
            <span className={styles.fold} />
          )}
          <span className={styles.name}>{node.name || (kind ? t(kind) : node.type)}</span>
          {kind && node.name !== '' && <Badge>{t(kind)}</Badge>}
          <code title={node.expr}>{node.expr}</code>
        </div>
      </td>
      <td className={styles.barColumn}>
        <span className={styles.time}>
          <span className={styles.track}>
            <span className={styles.bar} style={{ width: `${share * 100}%` }} />
          </span>
          <span className={styles.ms}>{t('explore.explain.ms', { ms: millis(node.ownMs) })}</span>
        </span>
      </td>
      <td>{t('explore.explain.ms', { ms: millis(node.totalMs) })}</td>
      <td>{whole.format(node.series)}</td>
      <td>{whole.format(node.samples)}</td>
      <td>
        {runs && depth > 0 && (
          <IconButton
            size="small"
            icon="plus"
            label={t('explore.explain.add', { node: node.name || node.type })}
            onClick={() => onAdd(node.expr)}
          />
        )}
      </td>
    </tr>
  );
}
