/** The frame of a result: its query, its figures, what the engine has to say, and what can be taken away. */
import { formatDuration } from '@watchroom/model';
import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { ErrorState, Panel } from '../../components/index.ts';
import { useI18n, useT } from '../../i18n/i18n.tsx';
import styles from './Explore.module.css';
import type { ResultProps } from './QueryResult.tsx';
import { faultOf, markedLine } from './server-position.ts';
import { summaryOf } from './summary.ts';
import type { RangeResult } from './use-range-result.ts';

export interface Figures {
  readonly series: number;
  /** Read from the store, when the server tells. */
  readonly samples?: number | undefined;
  /** Values in the answer; steps without one do not count. */
  readonly points?: number | undefined;
  readonly step?: string | undefined;
  readonly tookMs?: number | undefined;
}

/** Of a range query's answer. */
export function rangeFigures({ series, samples, tookMs }: RangeResult, stepMs: number): Figures {
  const points = series.reduce((sum, { values }) => sum + summaryOf(values).points, 0);
  return { series: series.length, samples, points, step: formatDuration(stepMs), tookMs };
}

export interface ResultPanelProps {
  readonly letter: string;
  readonly query: string;
  readonly figures?: Figures | undefined;
  /** Beside the figures. */
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
  readonly flush?: boolean;
  /** Shows what was before while its answer is on the way. */
  readonly busy?: boolean;
  readonly children: ReactNode;
}

export function ResultPanel(props: ResultPanelProps) {
  const { letter, query, figures, note, actions, flush = false, busy = false, children } = props;
  return (
    <div className={styles.result} data-busy={busy || undefined}>
      <Panel
        flush={flush}
        title={
          <span className={styles.resultTitle}>
            <span className={styles.letter}>{letter}</span>
            <code title={query}>{query.replace(/\s+/g, ' ')}</code>
          </span>
        }
        actions={
          <>
            {figures && <FigureList {...figures} />}
            {note}
            {actions}
          </>
        }
      >
        <Notes warnings={props.warnings ?? []} infos={props.infos ?? []} />
        {children}
      </Panel>
    </div>
  );
}

function FigureList({ series, samples, points, step, tookMs }: Figures) {
  const { t, locale } = useI18n();
  const whole = new Intl.NumberFormat(locale);
  const parts = [
    t('explore.series', { n: whole.format(series) }),
    samples !== undefined
      ? t('explore.samples', { n: whole.format(samples) })
      : points !== undefined && t('explore.points', { n: whole.format(points) }),
    step !== undefined && t('explore.step', { step }),
    tookMs !== undefined && t('explore.took', { ms: Math.round(tookMs) }),
  ];
  return <span className={styles.figures}>{parts.filter(Boolean).join(' · ')}</span>;
}

/** What the query engine wants to have said: warnings, then infos. */
function Notes({ warnings, infos }: { warnings: readonly string[]; infos: readonly string[] }) {
  if (warnings.length + infos.length === 0) return null;
  return (
    <ul className={styles.notes}>
      {warnings.map((text) => (
        <li key={text} data-kind="warning">
          {text}
        </li>
      ))}
      {infos.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

/** The server's words, and the line at fault with its place marked. */
export function QueryFailed({
  query,
  message,
  onRetry,
}: {
  query: string;
  message: string | undefined;
  onRetry?: (() => void) | undefined;
}) {
  const t = useT();
  const fault = faultOf(message);
  const detail = fault ? `${markedLine(query, fault)}\n\n${fault.message}` : message;
  return (
    <ErrorState
      title={t(fault ? 'explore.wrong' : 'explore.failed')}
      detail={detail}
      {...(onRetry && !fault ? { onRetry } : {})}
    />
  );
}

/** Tells the editor where the server found the fault. */
export function useFault(
  message: string | undefined,
  { row, onFault }: Pick<ResultProps, 'row' | 'onFault'>,
): void {
  const { key } = row;
  useEffect(() => {
    if (message !== undefined) onFault(key, faultOf(message));
  }, [message, onFault, key]);
}
